"""Runs of a scaling study as cloudmask logs them, with figures that are known."""

import json
import math

PATCHES, TEST_PATCHES = 960, 240


def step_s(ranks, batch):
    """30 ms a patch, 5 % more for each further rank, and 20 ms a step; then 2 % of it waiting."""
    return (0.020 + 0.030 * batch / ranks * (1 + 0.05 * (ranks - 1))) * (1 if ranks == 1 else 1.02)


def record(folder, name, ranks, batch, end=True, accuracy_s=None, **machine):
    """A run as cloudmask logs it, of two epochs, the first twice as long."""
    steps = PATCHES // batch
    work_s = steps * step_s(ranks, batch) / (1 if ranks == 1 else 1.02)
    sums_s = steps * step_s(ranks, batch) - work_s
    evaluate_s = math.ceil(TEST_PATCHES / batch) * 0.010 * batch / ranks
    place = {"cpu": "made", "device": "cpu", "precision": "fp32", "kernels": "k", "threads": 1, "cores": 64,
             "ranks": ranks, "nodes": 1, **machine}
    lines = [{"event": "run_start", "version": "1", "config": {"PATCH_SIZE": 256, "base_filters": 32}, "machine": place},
             {"event": "training_start", "training_scenes": 60, "test_scenes": 15, "training_patches": PATCHES,
              "test_patches": TEST_PATCHES, "batch_size": batch, "gradient_bytes": 8e6 if ranks > 1 else 0,
              "gradient_messages": 6 if ranks > 1 else 0, "epochs_done": 0, "machine": place}]
    for epoch, factor in ((1, 2), (2, 1)):
        lines.append({"event": "epoch", "epoch": epoch, "steps": steps, "patches": steps * batch,
                      "time_s": factor * (work_s + sums_s + evaluate_s), "compute_s": factor * 0.95 * work_s,
                      "wait_data_s": factor * 0.05 * work_s, "all_reduce_s": factor * sums_s,
                      "evaluate_s": factor * evaluate_s,
                      "compute_spread_s": 0.01 * work_s / steps if ranks > 1 else None})
    if end:
        lines.append({"event": "training_end", "time_to_accuracy_s": accuracy_s})
    (folder / name).mkdir(parents=True)
    (folder / name / "run.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def record_study(folder):
    """1, 2 and 4 ranks, strong and weak, each twice."""
    for turn in (1, 2):
        for ranks in (1, 2, 4):
            record(folder, f"strong-{ranks}-{turn}", ranks, 32, accuracy_s=400 / ranks + 20)
            record(folder, f"weak-{ranks}-{turn}", ranks, 4 * ranks)
    (folder / "sums.json").write_text(json.dumps({"ranks": 2, "nodes": 1, "sizes": [
        {"message_bytes": size, "time_s": 2 * 4e-6 + size / 4e9} for size in (4, 65536, 1 << 20, 1 << 24)]}))
    return folder
