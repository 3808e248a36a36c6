#!/usr/bin/env python3
"""Checks an MLPerf log of this benchmark: tools/check_mlperf_log.py FILE

Runs append to the file: the last one is judged. The lines are read by the parser of the `mlperf-logging` package; the
rules below are this benchmark's, since the package has none for it. Exit 1 with one line a fault.
"""

import pathlib
import sys
import tempfile

from mlperf_logging.compliance_checker.mlp_parser import parse_file

ONCE = {  # key -> type of its value (None: any)
    "run_start": None, "run_stop": None, "init_start": None, "init_stop": None, "submission_benchmark": str,
    "submission_org": str, "submission_division": str, "submission_status": str, "submission_platform": str,
    "number_of_ranks": int, "number_of_nodes": int, "accelerators_per_node": int, "seed": int,
    "global_batch_size": int, "train_samples": int, "eval_samples": int, "opt_name": str, "opt_base_learning_rate": float,
}
PAIRS = {"run_start": "run_stop", "init_start": "init_stop", "epoch_start": "epoch_stop", "eval_start": "eval_stop"}


def last_run(path):
    """The lines from the last run_start on; all of them where there is none."""
    lines = pathlib.Path(path).read_text().splitlines(keepends=True)
    starts = [number for number, line in enumerate(lines) if '"key": "run_start"' in line]
    return "".join(lines[starts[-1] if starts else 0:])


def check(path):
    with tempfile.NamedTemporaryFile("w", suffix=".log") as run:
        run.write(last_run(path))
        run.flush()
        lines, errors = parse_file(run.name, ruleset="5.1.0")
    for error in errors:
        yield f"the parser refuses: {error}"
    keys = [line.key for line in lines]
    for key, kind in ONCE.items():
        if keys.count(key) != 1:
            yield f"{key}: {keys.count(key)} times, wanted once"
        for line in lines:
            if line.key == key and kind and type(line.value["value"]) is not kind:
                yield f"{key}: value {line.value['value']!r}, wanted {kind.__name__}"
    if not keys or keys[0] != "run_start" or keys[-1] != "run_stop":
        yield "the first event must be run_start and the last run_stop"
    if lines and lines[-1].value["metadata"].get("status") != "success":
        yield "run_stop does not say that the run succeeded"
    times = [line.timestamp for line in lines]
    if times != sorted(times):
        yield "times go backwards"
    stack = []
    for line in lines:
        if line.key in PAIRS:
            stack.append(line.key)
        elif line.key in PAIRS.values() and (not stack or PAIRS[stack.pop()] != line.key):
            yield f"{line.key} closes nothing that is open"
    if stack:
        yield f"never closed: {', '.join(stack)}"
    accuracies = [line.value["value"] for line in lines if line.key == "eval_accuracy"]
    if not accuracies or not all(isinstance(value, float) and 0 <= value <= 1 for value in accuracies):
        yield f"eval_accuracy: {accuracies}, wanted numbers between 0 and 1"


def main():
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    faults = list(check(sys.argv[1]))
    print("\n".join(faults) if faults else "MLPerf log: accepted")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
