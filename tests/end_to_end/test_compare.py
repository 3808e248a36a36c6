"""The arithmetic of bench/compare.py, on records as cloudmask and its peers print them."""

import importlib.util
import json
import pathlib

import pytest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "bench/compare.py"
spec = importlib.util.spec_from_file_location("compare", TOOL)
compare = importlib.util.module_from_spec(spec)
spec.loader.exec_module(compare)

PEER_LINE = json.dumps({
    "what": "train", "ms_per_patch": 146.0, "mode": "installed", "precision": "bf16", "layout": "channels_last",
    "version": "torch 2.13.0", "batch_size": 32, "threads": 2, "parameters": 1948609, "repetitions": 3,
    "page_faults": 12, "allocator": "default", "peak_memory_bytes": 3_100_000_000, "python": "3.11", "cpu": "A CPU"})
OURS = {"ms_per_patch": 70.0, "s_per_scene": None, "batch_size": 32, "precision": "bf16", "peak_memory_bytes": 1.6e9}


def peer(**changes):
    return {**compare.last_json(PEER_LINE), **changes}


@pytest.fixture
def runs():
    return {("cloudmask", ""): [OURS, {**OURS, "ms_per_patch": 74.0}, {**OURS, "ms_per_patch": 73.0}],
            ("PyTorch as installed", "fp32"): [peer(ms_per_patch=219.0, precision="fp32")],
            ("PyTorch as installed", "bf16"): [peer(ms_per_patch=value) for value in (146.0, 900.0, 150.0)],
            ("TensorFlow", "fp32"): []}


def test_record_is_the_last_line_whatever_was_said_before():
    assert compare.last_json(f"a warning\n{{}}\n{PEER_LINE}\n")["ms_per_patch"] == 146.0
    with pytest.raises(ValueError):
        compare.last_json("killed\n")


def test_start_up_does_not_count_in_a_scene():
    assert compare.steady_scene_s(few=4, few_s=5.0, many=12, many_s=9.0) == 0.5


def test_rows_are_medians_and_ratios_to_cloudmask(runs):
    rows = {(row["group"], row["way"]): row for row in compare.summarise("train", runs)}
    assert ("TensorFlow", "fp32") not in rows  # it failed
    assert rows["cloudmask", "bf16"]["value"] == 73.0 and rows["cloudmask", "bf16"]["ratio"] == 1
    assert rows["PyTorch as installed", "bf16"]["value"] == 150.0
    assert rows["PyTorch as installed", "bf16"]["ratio"] == pytest.approx(150 / 73)
    assert rows["PyTorch as installed", "fp32"]["ratio"] == pytest.approx(3.0)
    assert rows["PyTorch as installed", "bf16"]["peak_memory_bytes"] == 3.1e9


def test_a_peer_counts_with_its_fastest_way(runs):
    assert [row["way"] for row in compare.summarise("train", runs) if row["counts"]] == ["bf16", "bf16"]
    del runs["PyTorch as installed", "bf16"]
    assert [row["way"] for row in compare.summarise("train", runs) if row["counts"]] == ["bf16", "fp32"]


def test_without_cloudmask_there_are_figures_but_no_ratios(runs):
    runs["cloudmask", ""] = []
    assert all(row["ratio"] is None for row in compare.summarise("train", runs))


def test_only_ways_much_slower_than_another_of_their_group_are_given_up(runs):
    runs["PyTorch tuned", "bf16"] = [peer(ms_per_patch=2000.0)]
    runs["PyTorch as installed", "other"] = [peer(ms_per_patch=146.0 * 1.14)]
    kept = compare.worth_repeating("train", runs)
    assert kept == {("cloudmask", ""), ("PyTorch as installed", "bf16"), ("PyTorch as installed", "other"),
                    ("PyTorch tuned", "bf16")}


def test_scenes_are_compared_in_seconds():
    runs = {("cloudmask", ""): [{**OURS, "s_per_scene": 0.5}],
            ("TensorFlow", "fp32"): [{"s_per_scene": 3.75, "precision": "fp32", "peak_memory_bytes": 4e9}]}
    assert [row["ratio"] for row in compare.summarise("scene", runs)] == [1, 7.5]


def test_table_shows_what_counts_before_what_was_slower(runs):
    lines = compare.table(compare.summarise("train", runs), 32).splitlines()
    assert lines[1] == "training, batch 32"
    assert lines[3].startswith("cloudmask (bf16)") and lines[4].startswith("PyTorch as installed (bf16)")
    assert lines[5].startswith("    slower: fp32")
    assert lines[4].split()[4:] == ["150", "2.05", "502.7%", "3.10", "GB"]


@pytest.mark.parametrize("bf16", [True, False])
def test_every_peer_runs_in_the_best_precision_of_the_machine(bf16):
    ways = compare.ways_to_run(bf16)
    groups = {group for group, _, _ in ways}
    assert groups == {"PyTorch as installed", "PyTorch tuned", "PyTorch compiled", "TensorFlow"}
    for group in groups:
        assert any("bf16" in command for name, _, command in ways if name == group) == bf16
    assert len({(group, way) for group, way, _ in ways}) == len(ways)
    assert all((compare.PEERS / command[0]).exists() for _, _, command in ways)


def test_processor_is_read_from_cpuinfo(tmp_path):
    (tmp_path / "cpuinfo").write_text("model name\t: A CPU\nflags\t\t: sse avx2 fma avx512_bf16\n\nmodel name\t: B\n")
    assert compare.timing.cpu(tmp_path / "cpuinfo") == {"model": "A CPU", "flags": ["avx2", "fma", "avx512_bf16"]}


def test_median_and_repetitions_of_timed_work():
    class Options:
        seconds, least = 0, 4

    calls = []
    timed = compare.timing.time_repeatedly(lambda: calls.append(1), Options)
    assert timed["repetitions"] == 4 and len(calls) == 6 and timed["median_s"] >= 0
