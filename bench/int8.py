#!/usr/bin/env python3
"""Would inference in int8 be faster? PyTorch's static quantisation (oneDNN, VNNI) of the reference network, timed.

    bench/int8.py            # with a Python that has torch: build/venv-bench/bin/python

Prints ms a patch of the whole network and of its convolutions alone; compare with `cloudmask bench infer`. Weights and
input are random: this tells times, not masks.
"""

import pathlib
import sys
import time
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peers"))
import timing  # noqa: E402
from pytorch_unet import make_unet  # noqa: E402

BATCH = 32


def quantised(torch, network, patches):
    from torch.ao.quantization import get_default_qconfig_mapping
    from torch.ao.quantization.quantize_fx import convert_fx, prepare_fx

    torch.backends.quantized.engine = "onednn"
    observed = prepare_fx(network, get_default_qconfig_mapping("onednn"), (patches,))
    observed(patches)  # calibration: the ranges of all maps
    return torch.jit.freeze(torch.jit.trace(convert_fx(observed), patches))


def main():
    import torch

    warnings.filterwarnings("ignore")
    torch.set_num_threads(timing.cores())
    with torch.no_grad():
        network = quantised(torch, make_unet(torch).eval(), torch.randn(8, timing.CHANNELS, *2 * (timing.PATCH_PX,)))
        patches = torch.randn(BATCH, timing.CHANNELS, *2 * (timing.PATCH_PX,)).contiguous(memory_format=torch.channels_last)
        times = []
        for _ in range(8):
            start = time.perf_counter()
            network(patches)
            times.append(time.perf_counter() - start)
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
            network(patches)
    convolutions_us = sum(event.self_cpu_time_total for event in profile.key_averages() if "conv2d" in event.key)
    print(f"int8: {1e3 * sorted(times[2:])[3] / BATCH:.1f} ms a patch, convolutions alone "
          f"{convolutions_us / 1e3 / BATCH:.1f} ms; {timing.cpu()['model']}, {timing.cores()} threads, torch {torch.__version__}")


if __name__ == "__main__":
    main()
