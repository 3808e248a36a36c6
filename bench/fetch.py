#!/usr/bin/env python3
"""Times `cloudmask fetch` beside `aws s3 sync` and `rclone copy` against one local server, by turns.

    bench/fetch.py --program build/cloudmask --tools build/venv-fetch/bin --folder build/bench-fetch

The server is `rclone serve s3` on this machine: a compiled one that serves ranges and MD5 ETags (moto's would measure
Python). It shares the cores with the client, so that figures say how much work a client makes, not what a network
carries. A time is the wall time of the whole command, start-up included, from an empty folder, after a flush of the
disk; files come out of the server's page cache. Every tree is compared with the original.
"""

import argparse
import contextlib
import filecmp
import json
import os
import pathlib
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peers"))
import timing  # noqa: E402

JOBS = 8
BUCKET = "bucket"
KEYS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "secret"}
SETS = {"small": (3000, 20_000), "large": (4, 168_000_000)}  # files, bytes each; a benchmark scene has 168 MB


def make_files(folder, files, size):
    if len(list(folder.glob("*"))) == files:
        return
    folder.mkdir(parents=True, exist_ok=True)
    drawn = random.Random(size)
    for i in range(files):
        (folder / f"S3A_{i:05}.hdf").write_bytes(drawn.randbytes(size))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def server(rclone, folder):
    port = free_port()
    command = [rclone, "serve", "s3", folder, "--config", os.devnull, "--addr", f"127.0.0.1:{port}", "--read-only",
               "--auth-key", ",".join(KEYS.values()), "--log-level", "ERROR"]
    process = subprocess.Popen(command)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def clients(options, url):
    aws, rclone = options.tools / "aws", options.tools / "rclone"
    remote = f":s3,provider=Other,env_auth=true,endpoint='{url}':{BUCKET}"
    return {
        "cloudmask": lambda name, to: [options.program, "fetch", f"{name}/", "--to", to, "--endpoint", url, "--bucket",
                                       BUCKET, "--jobs", JOBS, "--quiet"],
        "aws": lambda name, to: [aws, "--endpoint-url", url, "s3", "sync", "--only-show-errors",
                                 f"s3://{BUCKET}/{name}", to],
        "rclone": lambda name, to: [rclone, "--config", os.devnull, "copy", "--transfers", JOBS, f"{remote}/{name}", to],
    }


def run(command, to, original):
    """Seconds of one fetch into an empty folder."""
    shutil.rmtree(to, ignore_errors=True)
    os.sync()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {**KEYS, "AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1",
                    "AWS_EC2_METADATA_DISABLED": "true"}
    start = time.perf_counter()
    subprocess.run([str(word) for word in command], env=environment, check=True)
    seconds = time.perf_counter() - start
    names = sorted(path.name for path in original.iterdir())
    same, _, _ = filecmp.cmpfiles(original, to, names, shallow=False)
    if same != names or sorted(path.name for path in to.iterdir()) != names:
        sys.exit(f"{command[0]}: the tree differs from the original")
    return seconds


def measure(options, url, name):
    files, size = SETS[name]
    original, to = options.folder / "store" / BUCKET / name, options.folder / "to"
    commands = clients(options, url)
    times = {client: [] for client in commands}
    for turn in range(-1, options.rounds):  # the first lets the server compute its ETags
        order = list(commands)
        order = order[turn % len(order):] + order[:turn % len(order)]
        for client in order:
            seconds = run(commands[client](name, to), to, original)
            if turn >= 0:
                times[client].append(seconds)
    rates = {client: files * size / statistics.median(each) / 1e6 for client, each in times.items()}
    fastest = max(rate for client, rate in rates.items() if client != "cloudmask")
    for client, rate in rates.items():
        spread = f"{min(times[client]):.2f} to {max(times[client]):.2f} s"
        print(f"{name:<8}{client:<12}{rate:8.1f} MB/s  {files / statistics.median(times[client]):8.1f} files/s  "
              f"({spread}, {len(times[client])} rounds)")
    print(f"{name:<8}cloudmask has {100 * rates['cloudmask'] / fastest:.0f} % of the throughput of the faster peer\n")
    return {"files": files, "file_bytes": size, "times_s": times, "share_of_faster_peer": rates["cloudmask"] / fastest}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="folder of the programs aws and rclone")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="for 1.5 GB of files; kept for the next time")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for name, (files, size) in SETS.items():
        make_files(options.folder / "store" / BUCKET / name, files, size)
    versions = {tool: subprocess.run([options.tools / tool, flag], capture_output=True, text=True, check=True).stdout
                .splitlines()[0] for tool, flag in (("aws", "--version"), ("rclone", "version"))}
    machine = {"cpu": timing.cpu()["model"], "cores": timing.cores(), "versions": versions}
    print(f"{machine['cpu']}, {machine['cores']} cores; {'; '.join(versions.values())}\n")
    with server(options.tools / "rclone", options.folder / "store") as url:
        results = {name: measure(options, url, name) for name in SETS}
    shutil.rmtree(options.folder / "to")
    (options.folder / "fetch.json").write_text(json.dumps({**machine, **results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
