"""What the peers share: their arguments, the clock, the machine and the JSON line they print. Standard library only."""

import argparse
import ctypes.util
import json
import os
import platform
import resource
import statistics
import sys
import time

PATCH_PX, CHANNELS, SCENE_PATCHES = 256, 9, 63
PARAMETERS = 1_948_609  # of the reference network
FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_tile", "amx_bf16", "amx_fp16")
TCMALLOC = "tcmalloc_minimal"
# Freed pages stay, and nothing is said about large blocks.
TCMALLOC_ENVIRONMENT = {"TCMALLOC_RELEASE_RATE": "0", "TCMALLOC_LARGE_ALLOC_REPORT_THRESHOLD": str(1 << 50)}


def cpu(cpuinfo="/proc/cpuinfo"):
    """Model name and those flags that decide which kernels run."""
    fields = {}
    with open(cpuinfo) as lines:
        for line in lines:
            key, _, value = line.partition(":")
            fields.setdefault(key.strip(), value.strip())
    flags = set(fields.get("flags", "").split())
    return {"model": fields.get("model name", platform.machine()), "flags": [flag for flag in FLAGS if flag in flags]}


def has_bf16():
    """Whether this processor multiplies bf16 in hardware."""
    return bool({"avx512_bf16", "amx_bf16"} & set(cpu()["flags"]))


def cores():
    return len(os.sched_getaffinity(0))


def arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--what", choices=["train", "infer", "scene"], default="train")
    parser.add_argument("--precision", choices=["auto", "fp32", "bf16"], default="auto")
    parser.add_argument("--batch", type=int, default=32, help="patches of 256x256 (default 32)")
    parser.add_argument("--threads", type=int, default=cores(), help="default: all cores")
    parser.add_argument("--seconds", type=float, default=10, help="time at least that long (default 10)")
    parser.add_argument("--least", type=int, default=3, help="and repeat at least that often (default 3)")
    return parser


def run_with_tcmalloc():
    """Starts this process again under tcmalloc, unless it runs under it already."""
    if allocator() == "tcmalloc":
        return
    library = ctypes.util.find_library(TCMALLOC)
    if not library or TCMALLOC in os.environ.get("LD_PRELOAD", ""):
        sys.exit(f"{sys.argv[0]}: lib{TCMALLOC}.so cannot be loaded; install libtcmalloc-minimal4")
    preload = " ".join(filter(None, [library, os.environ.get("LD_PRELOAD")]))
    environment = {**os.environ, **TCMALLOC_ENVIRONMENT, "LD_PRELOAD": preload}
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)


def allocator():
    with open("/proc/self/maps") as maps:
        return "tcmalloc" if TCMALLOC in maps.read() else "default"


def page_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def time_repeatedly(work, options):
    """Warms up twice (once where that takes long), then times `work` as `cloudmask bench` does: until `--seconds` and
    `--least` repetitions have passed. Returns the median in seconds, how many, and the page faults of a repetition."""
    start = time.perf_counter()
    work()
    if time.perf_counter() - start < 60:
        work()
    times, faults, start = [], page_faults(), time.perf_counter()
    while len(times) < options.least or time.perf_counter() - start < options.seconds:
        before = time.perf_counter()
        work()
        times.append(time.perf_counter() - before)
    return {"median_s": statistics.median(times), "repetitions": len(times),
            "page_faults": (page_faults() - faults) // len(times)}


def print_record(options, timing, parameters, **more):
    """The one line that bench/compare.py reads."""
    if parameters != PARAMETERS:
        sys.exit(f"{sys.argv[0]}: a network of {parameters} parameters, not the reference's {PARAMETERS}")
    seconds = timing.pop("median_s")
    figure = {"s_per_scene": seconds} if options.what == "scene" else {"ms_per_patch": 1e3 * seconds / options.batch}
    print(json.dumps({
        "what": options.what, **figure, **more, "batch_size": options.batch, "threads": options.threads,
        "parameters": parameters, **timing, "allocator": allocator(),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "python": platform.python_version(), "cpu": cpu()["model"]}))
