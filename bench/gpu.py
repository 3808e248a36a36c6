#!/usr/bin/env python3
"""What a GPU makes of cloudmask: whether it computes rightly, and how fast, beside PyTorch. scripts/gpu_check.sh runs
it after building.

    bench/gpu.py --program build-gpu/cloudmask-bench --folder build-gpu [--device cuda|cpu] [--batches 32,256]
                 [--seconds 5] [--limit-s 540]

Runs the unit tests named _CUDA that were built beside the program (with GoogleTest; they skip themselves without a GPU)
and `cloudmask-bench verify`, then training steps and inference in bf16, each with and without a CUDA graph, then the same
U-Net in PyTorch, eager and compiled (bench/peers/pytorch_unet.py; its --seconds a measurement). What no longer
fits into --limit-s, counted from the build's start, is left out and named. After each measurement FOLDER/gpu_check.json
and FOLDER/gpu_check.md are written anew, so that a run that is cut off leaves what it had. Exit 1 when the device does
not compute what the CPU does or a program fails.

Arithmetic is that of the U-Net as it is written down: 2 operations for each product of its convolutions, three times
that in training. Bytes are the least that a step moves when each convolution reads its input and writes its output
once in bf16, and in training reads both again for the gradients, whose maps are written and read once too. Shares are
of the matrix product of 8192x8192 and of the copy that PyTorch is seen to do on this device.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree

PEER = pathlib.Path(__file__).resolve().parent / "peers" / "pytorch_unet.py"
PATCH_PX, CHANNELS, FILTERS = 256, 9, 32
FAILED = 1


def layers():
    """(pixels of the output's side, channels in, channels out, kernel) of each convolution."""
    found, channels = [], CHANNELS
    for level in range(4):
        for _ in range(2):
            found.append((PATCH_PX >> level, channels, FILTERS << level, 3))
            channels = FILTERS << level
    for level in (2, 1, 0):
        found.append((PATCH_PX >> level, channels + (FILTERS << level), FILTERS << level, 3))
        channels = FILTERS << level
        found.append((PATCH_PX >> level, channels, channels, 3))
    return found + [(PATCH_PX, channels, 1, 1)]


def gflop_per_patch(training):
    products = sum(side**2 * a * b * kernel**2 for side, a, b, kernel in layers())
    return 2e-9 * products * (3 if training else 1)


def gigabytes_per_patch(training):
    values = sum(side**2 * (a + b) for side, a, b, _ in layers())
    return 2e-9 * values * (3 if training else 1)


def gpu_facts():
    """Name, driver, memory and power limit as nvidia-smi tells them."""
    query = "name,driver_version,memory.total,power.limit"
    try:
        line = subprocess.run(["nvidia-smi", f"--query-gpu={query}", "--format=csv,noheader"], capture_output=True,
                              text=True, check=True, timeout=60).stdout.splitlines()[0]
    except (OSError, subprocess.SubprocessError, IndexError):
        return {}
    return dict(zip(query.split(","), (value.strip() for value in line.split(","))))


LIMITS = """
import json, sys, time, torch
device, side = sys.argv[1], int(sys.argv[2])
wait = torch.cuda.synchronize if device == "cuda" else lambda: None
def best_s(work):
    times = []
    for _ in range(10):
        wait(); start = time.perf_counter(); work(); wait(); times.append(time.perf_counter() - start)
    return min(times)
a, b = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in range(2))
source = torch.empty(side * side * 8, device=device, dtype=torch.float32)
target = torch.empty_like(source)
print(json.dumps({"torch": torch.__version__, "matrix_tflops": 2e-12 * side**3 / best_s(lambda: a @ b),
                  "copy_gb_per_s": 2e-9 * source.nbytes / best_s(lambda: target.copy_(source))}))
"""


class Checks:
    def __init__(self, options):
        self.options = options
        self.begin = time.monotonic() - options.build_s
        self.record = {"device": options.device, "gpu": gpu_facts(), "build_s": options.build_s, "limits": {},
                       "tests": None, "verify": None, "measured": [], "left_out": [], "failed": []}

    def run(self, name, command, expected_s):
        """The record that the command prints; None where it is left out or fails."""
        left_s = self.options.limit_s - (time.monotonic() - self.begin)
        if left_s < expected_s:
            self.record["left_out"].append(name)
            return None
        print(f"{name} ...", flush=True)
        try:
            done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  text=True, timeout=max(left_s, 1))
        except subprocess.TimeoutExpired:
            self.record["failed"].append({"what": name, "why": f"no result within {left_s:.0f} s"})
            return None
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode != 0:
            self.record["failed"].append({"what": name, "why": done.stderr.strip()[-2000:]})
        return json.loads(lines[-1]) if lines else None

    def test(self):
        """None where no tests were built."""
        found = (self.options.folder / "gpu_check_tests.xml").resolve()
        found.unlink(missing_ok=True)
        self.run("unit tests", ["ctest", "--test-dir", self.options.program.parent, "-R", "_CUDA", "--output-junit", found], 20)
        suite = xml.etree.ElementTree.parse(found).getroot().attrib if found.exists() else {"tests": 0}
        if int(suite["tests"]) > 0:
            self.record["tests"] = {key: int(suite[key]) for key in ("tests", "failures", "skipped")}

    def measure(self, name, command, batch, training, scene=False, expected_s=40, recorded=False):
        found = self.run(name, command, expected_s)
        if found is None:
            return
        if recorded and not found["recorded"]:  # its figures would pass for those of a graph
            self.record["failed"].append({"what": name, "why": "the steps were not recorded"})
            return
        entry = {"what": name, "batch": batch, "record": found}
        if scene:
            entry["s_per_scene"] = found["s_per_scene"]
        if found.get("ms_per_patch"):
            second = found["ms_per_patch"] * 1e-3
            entry |= {"ms_per_patch": found["ms_per_patch"], "tflops": gflop_per_patch(training) / second / 1e3,
                      "gb_per_s": gigabytes_per_patch(training) / second}
            limits = self.record["limits"]
            if limits:
                entry["share_of_matrix_product"] = entry["tflops"] / limits["matrix_tflops"]
                entry["share_of_copy"] = entry["gb_per_s"] / limits["copy_gb_per_s"]
        self.record["measured"].append(entry)
        self.write()

    def all(self):
        options = self.options
        on_gpu = options.device == "cuda"
        ours = [options.program]
        network = ["--device", options.device, "--precision", "bf16", "--json", "-", "--set", "normalisation=reference"]
        self.record["limits"] = self.run("limits of the device", [sys.executable, "-c", LIMITS, options.device,
                                                                  8192 if on_gpu else 512], 20) or {}
        self.test()
        record = ["--set", "cuda_graph=true"] if on_gpu else []
        self.record["verify"] = self.run("verify", ours + ["verify", "--device", options.device, "--json", "-", "--set",
                                                           "batch_size=4", "--set", "PATCH_SIZE=128"] + record, 30)
        self.write()
        for batch in options.batches:
            size = ["--set", f"batch_size={batch}"]
            for graph in ("true", "false"):
                label = "CUDA graph" if graph == "true" else "no graph"
                self.measure(f"cloudmask, training, batch {batch}, {label}",
                             ours + ["train"] + network + size + ["--set", f"cuda_graph={graph}"], batch, True,
                             recorded=on_gpu and graph == "true")
        batch = options.batches[0]
        self.measure(f"cloudmask, inference, batch {batch}, and a scene as few tiles",
                     ours + ["infer"] + network + ["--set", f"batch_size={batch}"], batch, False, scene=True)
        peer = [sys.executable, PEER, "--device", options.device, "--precision", "bf16", "--layout", "channels_last",
                "--seconds", options.seconds]
        eager, compiled = ["--mode", "tuned" if on_gpu else "installed"], ["--mode", "compiled"]
        for batch in options.batches:
            for mode, label, expected_s in ((eager, "eager", 30), (compiled, "compiled", 90)):
                self.measure(f"PyTorch {label}, training, batch {batch}",
                             peer + mode + ["--what", "train", "--batch", batch], batch, True, expected_s=expected_s)
        batch = options.batches[0]
        for mode, label, expected_s in ((eager, "eager", 30), (compiled, "compiled", 90)):
            for what in ("infer", "scene"):
                self.measure(f"PyTorch {label}, " + ("inference" if what == "infer" else "a scene as 63 patches"),
                             peer + mode + ["--what", what, "--batch", batch], batch, False, scene=what == "scene",
                             expected_s=expected_s)

    def good(self):
        return bool(self.record["verify"]) and self.record["verify"]["good"] and not self.record["failed"]

    def write(self):
        self.record["time_s"] = time.monotonic() - self.begin
        folder = pathlib.Path(self.options.folder)
        (folder / "gpu_check.json").write_text(json.dumps(self.record, indent=1) + "\n")
        (folder / "gpu_check.md").write_text(self.as_markdown())

    def as_markdown(self):
        record = self.record
        device = ", ".join(f"{key} {value}" for key, value in record["gpu"].items()) or record["device"]
        text = [f"# cloudmask on {device}", ""]
        if record["limits"]:
            text += ["PyTorch {torch}: matrix product in bf16 {matrix_tflops:.1f} TFLOP/s, copy {copy_gb_per_s:.0f} GB/s "
                     "(read and written).".format(**record["limits"]), ""]
        if record["tests"]:
            text += ["Unit tests named _CUDA: {tests}, of which {failures} failed and {skipped} were skipped.".format(
                **record["tests"]), ""]
        elif "unit tests" not in record["left_out"]:
            text += ["Unit tests: none were built; they need GoogleTest.", ""]
        if record["verify"]:
            text += ["| device beside the CPU in fp32 | apart by | allowed | |", "|---|---|---|---|"]
            text += ["| {} | {:.2g} | {:.2g} | {} |".format(one["what"], one["difference"] if one["difference"] is not None
                                                           else float("nan"), one["allowed"],
                                                           "ok" if one["good"] else "TOO FAR")
                     for one in record["verify"]["agreements"]] + [""]
            text += ["Steps recorded: {recorded}. Sums by NCCL: {nccl}.".format(
                **{key: "yes" if record["verify"][key] else "no" for key in ("recorded", "nccl")}), ""]
        text += ["| measured | ms a patch | patches/s | TFLOP/s | of the product | GB/s | of the copy | s a scene |",
                 "|---|---|---|---|---|---|---|---|"]
        for entry in record["measured"]:
            cells = [entry["what"]]
            if "ms_per_patch" in entry:
                cells += [f"{entry['ms_per_patch']:.3f}", f"{1e3 / entry['ms_per_patch']:.0f}", f"{entry['tflops']:.1f}",
                          f"{100 * entry.get('share_of_matrix_product', 0):.0f} %", f"{entry['gb_per_s']:.0f}",
                          f"{100 * entry.get('share_of_copy', 0):.0f} %"]
            else:
                cells += [""] * 6
            text.append("| " + " | ".join(cells + [f"{entry['s_per_scene']:.3f}" if "s_per_scene" in entry else ""]) + " |")
        text += [""] + [f"Left out for want of time: {name}." for name in record["left_out"]]
        text += [f"Failed: {fault['what']}: {fault['why'].splitlines()[-1] if fault['why'] else ''}"
                 for fault in record["failed"]]
        return "\n".join(text).rstrip() + f"\n\n{record['time_s']:.0f} s in all, {record['build_s']} of them to build.\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--batches", type=lambda text: [int(word) for word in text.split(",")], default=[32, 256],
                        help="separated by commas (default 32,256)")
    parser.add_argument("--seconds", type=float, default=5, help="a peer's measurement (default 5)")
    parser.add_argument("--limit-s", type=float, default=540, help="from the build's start (default 540)")
    parser.add_argument("--build-s", type=int, default=0, help="seconds that building took")
    options = parser.parse_args()
    checks = Checks(options)
    checks.all()
    checks.write()
    print((options.folder / "gpu_check.md").read_text(), end="")
    return 0 if checks.good() else FAILED


if __name__ == "__main__":
    sys.exit(main())
