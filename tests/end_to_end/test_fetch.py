"""Objects of an S3 store in a folder: all of them, whole, whatever the network does, and nothing outside the folder."""

import json
import os
import random
import shutil
import signal
import subprocess
import time

import pytest

from fetching import (BIG, BUCKET, DAY, LARGE, MIB, PARTS, SMALL, STATE, content, fetch, store,  # noqa: F401: fixtures
                      wait_until)


def test_a_tree_is_fetched_once_and_found_whole_afterwards(fetch, store):
    report = fetch.report("day/")
    assert fetch.tree() == DAY
    assert report["fetched"] == len(DAY) and report["verified"]["md5"] == len(DAY) and report["failed"] == []
    assert report["received_bytes"] == report["wanted_bytes"] == sum(map(len, DAY.values()))
    assert sorted(path.name for path in fetch.to.iterdir()) == sorted({key.split("/")[0] for key in DAY})
    modified = store.client.head_object(Bucket=BUCKET, Key="day/S3A_07.hdf")["LastModified"].timestamp()
    assert (fetch.to / "S3A_07.hdf").stat().st_mtime == modified

    store.gets.clear()
    again = fetch.report("day/")
    assert again["present"] == len(DAY) and again["fetched"] == 0 and sum(store.gets.values()) == store.gets[""]


def test_files_of_another_time_are_compared_and_damaged_ones_fetched_again(fetch, store):
    fetch.fetch("day/")
    (fetch.to / "S3A_04.hdf").write_bytes(b"x" * 4000)
    for name in ("S3A_03.hdf", "S3A_04.hdf"):
        os.utime(fetch.to / name, (1, 1))
    (fetch.to / "S3A_05.hdf").write_bytes(b"short")
    (fetch.to / "S3A_06.hdf").unlink()
    store.gets.clear()
    assert fetch.report("day/")["fetched"] == 3
    assert fetch.tree() == DAY and "day/S3A_03.hdf" not in store.gets


def test_list_prints_sizes_and_writes_nothing(fetch):
    listed = fetch.fetch("day/S3A_0", "--list")
    assert listed.stdout.splitlines() == [f"{1000 * i:>12}  S3A_0{i}.hdf" for i in range(10)]
    assert "10 files, 43.9 KiB to fetch" in listed.stderr and not fetch.to.exists()
    files = fetch.report("day/S3A_0", "--list")["files"]
    assert files[2] == {"key": "day/S3A_02.hdf", "path": "S3A_02.hdf", "bytes": 2000}
    fetch.fetch("day/S3A_0")
    assert len(fetch.fetch("day/S3A_", "--list").stdout.splitlines()) == len(SMALL) - 1 - 10


def test_limit_takes_the_first(fetch):
    fetch.fetch("day/S3A_", "--limit", "5")
    assert sorted(fetch.tree()) == [f"S3A_0{i}.hdf" for i in range(5)]


def test_a_list_of_several_pages_is_followed_to_its_end(fetch, store):
    for i in range(2100):
        store.put(f"many/{i:04}", b"%d" % i)
    assert [line.split()[1] for line in fetch.fetch("many/", "--list").stdout.splitlines()] == \
        [f"{i:04}" for i in range(2100)]
    assert store.gets[""] == 3


def test_large_files_come_in_parts_and_multipart_etags_are_verified(fetch, store):
    assert fetch.report("parts/")["verified"]["multipart_etag"] == 1
    assert fetch.tree() == {"S3A.hdf": b"".join(PARTS)}

    shutil.rmtree(fetch.to)
    assert fetch.report("large/")["verified"]["md5"] == 2
    assert fetch.tree() == BIG and store.gets["large/S3A_0.hdf"] == 3  # of 16 MiB


FAULTS = ["cut", "500", "slow_down", "damage", "short", "shifted", "stall"]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_costs_time_only(fetch, store, fault):
    store.fault = lambda request: fault if request.key and request.nth == 1 else None
    start = time.monotonic()
    report = fetch.report("day/S3A_2", "--timeout", "1")
    assert fetch.tree() == {key: body for key, body in DAY.items() if key.startswith("S3A_2")}
    assert report["failed"] == [] and all(store.gets[f"day/S3A_2{i}.hdf"] >= 2 for i in range(4))
    if fault == "slow_down":
        assert time.monotonic() - start >= 1, "Retry-After was not heeded"
    if fault == "cut":
        assert report["received_bytes"] == report["wanted_bytes"], "what had come was asked for again"


def test_cuts_of_lists_and_of_parts_are_mended(fetch, store):
    store.fault = lambda request: "cut" if request.nth in (1, 3) else None
    fetch.fetch("large/")
    assert fetch.tree() == BIG


@pytest.mark.parametrize("fault,word,tries", [("500", "given up after 2 tries", 2), ("403", "403 AccessDenied", 1),
                                              ("404", "404 NoSuchKey", 1), ("damage", "MD5 is", 3),
                                              ("endless", "404", 1)])
def test_an_object_that_cannot_be_had_is_named_and_the_rest_is_fetched(fetch, store, fault, word, tries):
    store.fault = lambda request: fault if request.key == "day/S3A_13.hdf" else None
    done = fetch.fetch("day/", "--retries", "1", "--json", "report.json", code=1)
    assert fetch.tree() == {key: body for key, body in DAY.items() if key != "S3A_13.hdf"}
    line = done.stderr.splitlines()[-1]
    assert line.startswith("cloudmask: failed day/S3A_13.hdf: ") and word in line
    assert store.gets["day/S3A_13.hdf"] == tries
    assert json.loads((fetch.folder / "report.json").read_text())["failed"][0]["key"] == "day/S3A_13.hdf"
    store.reset()
    assert fetch.report("day/")["fetched"] == 1 and fetch.tree() == DAY and not (fetch.to / STATE).exists()


def test_what_arrived_damaged_is_not_taken_on_less_proof_the_second_time(fetch, store):
    store.fault = lambda request: "damage" if request.key == "day/S3A_13.hdf" else None
    store.head_has_etag = False
    assert "MD5 is" in fetch.fetch("day/", code=1).stderr
    assert "S3A_13.hdf" not in fetch.tree()


def test_an_object_that_changes_on_its_way_is_fetched_again(fetch, store):
    old, new = content(300, 40 * MIB), content(301, 20 * MIB)
    store.put("changing/S3A.hdf", old)

    def change(request):
        if request.key == "changing/S3A.hdf" and request.nth == 2:
            store.put("changing/S3A.hdf", new)

    store.before = change
    done = fetch.fetch("changing/", "--jobs", "1")
    assert "has changed in the store; fetching it again" in done.stderr
    assert fetch.tree() == {"S3A.hdf": new}


def test_an_object_that_changes_between_runs_starts_again(fetch, store):
    store.put("later/S3A.hdf", content(310, 30 * MIB))
    with fetch.running("later/", "--bandwidth", "10MB") as process:
        wait_until(lambda: fetch.unfinished_bytes() > 3 * MIB)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
    new = content(311, 30 * MIB)
    store.put("later/S3A.hdf", new)
    report = fetch.report("later/")
    assert report["resumed"] == 0 and fetch.tree() == {"S3A.hdf": new}


HOSTILE = {"../outside": "'..'", "/absolute": "is empty", "a//b": "is empty", "x/../../../outside": "'..'",
           "back\\..\\slash": "backslash", "line\nfeed": "control character", "escape\x1b[2J": "control character",
           "n" * 256: "255 bytes", f"{STATE}/note": "unfinished", "file/below": "folder file is an object",
           "./dot": "'.'", "folder/": "is empty"}


def test_hostile_keys_are_refused_by_name_and_write_nothing_outside(fetch, store):
    for key in HOSTILE:
        store.put("hostile/" + key, b"hostile")
    for key in ("file", "good/S3A.hdf", "planted/S3A.hdf", "planted_file"):
        store.put("hostile/" + key, b"good")
    (fetch.folder / "elsewhere").mkdir()
    fetch.to.mkdir()
    (fetch.to / "planted").symlink_to(fetch.folder / "elsewhere")
    (fetch.to / "planted_file").symlink_to(fetch.folder / "elsewhere/new")
    before = {path for path in fetch.folder.rglob("*")}

    done = fetch.fetch("hostile/", "--json", "report.json", code=1)
    refused = {each["key"]: each["reason"] for each in json.loads((fetch.folder / "report.json").read_text())["refused"]}
    escaped = {key: key.replace("\n", "\\x0a").replace("\x1b", "\\x1b") for key in HOSTILE}
    for key, reason in HOSTILE.items():
        assert reason in refused.pop("hostile/" + escaped[key]), key
        assert f"refused hostile/{escaped[key]}: " in done.stderr
    assert set(refused) == {"hostile/planted/S3A.hdf", "hostile/planted_file"}
    assert all("symbolic link" in reason for reason in refused.values())
    made = {str(path.relative_to(fetch.folder)) for path in fetch.folder.rglob("*") if path not in before}
    assert made == {"report.json", "to/file", "to/good", "to/good/S3A.hdf"}


def test_links_that_appear_while_fetching_are_not_followed(fetch, store):
    store.put("late/a.hdf", b"x" * 100)
    store.put("late/sub/S3A.hdf", b"x" * 1000)
    store.put("late/z.hdf", b"x" * 100)
    (fetch.folder / "elsewhere").mkdir()
    store.before = lambda request: "sub" in request.key and (fetch.to / "sub").symlink_to(fetch.folder / "elsewhere")
    assert "failed late/sub/S3A.hdf: to/sub: a file or a symbolic link" in fetch.fetch("late/", code=1).stderr
    assert list((fetch.folder / "elsewhere").iterdir()) == []
    assert set(fetch.tree()) == {"a.hdf", "z.hdf"}
    (fetch.to / "sub").unlink()
    store.reset()
    assert fetch.report("late/")["received_bytes"] == 0, "what had come was asked for again"
    assert len(fetch.tree()) == 3


def test_interrupt_keeps_what_came_and_says_how_to_go_on(fetch):
    with fetch.running("large/", "--bandwidth", "20MB") as process:
        wait_until(lambda: fetch.unfinished_bytes() > 4 * MIB)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert "the same command goes on from there" in process.stderr.read()
    assert fetch.tree() == {}
    report = fetch.report("large/")
    assert report["resumed"] >= 1 and report["received_bytes"] < report["wanted_bytes"] - 3 * MIB
    assert fetch.tree() == BIG


def test_ten_random_kills_end_in_the_same_tree(fetch, store):
    drawn = random.Random(8)
    for key, body in {**SMALL, **LARGE}.items():
        store.put("kills/" + key, body)
    for _ in range(10):
        with fetch.running("kills/", "--bandwidth", "30MB", "--jobs", "4") as process:
            wait_until(lambda: (fetch.to / STATE).exists() or process.poll() is not None)
            time.sleep(drawn.uniform(0, 0.6))
        for name, body in fetch.tree().items():
            assert {**SMALL, **LARGE}[name] == body, f"{name} is there, but not whole"
    report = fetch.report("kills/")
    assert report["present"] + report["resumed"] > 0, "every run began anew"
    assert fetch.tree() == {**SMALL, **LARGE} and not (fetch.to / STATE).exists()


@pytest.fixture
def small_disk(fetch):
    """`to` on a file system of 60 MiB."""
    fetch.to.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m", "tmpfs", fetch.to],
                                                   capture_output=True).returncode == 0
    if not mounted:
        pytest.skip("mounting a small file system needs root")
    yield fetch.to
    subprocess.run(["umount", "-l", fetch.to], check=True)


def test_space_is_looked_at_before_anything_is_fetched(fetch, store, small_disk):
    fault = fetch.fault(*fetch.words("large/"))
    assert "72.0 MiB are to be fetched, 60.0 MiB are free" in fault and "--limit" in fault
    assert list(store.gets) == [""]


def test_a_disk_that_fills_up_in_the_middle_costs_no_more_than_another_run(fetch, small_disk):
    other = small_disk / "other"
    with fetch.running("large/S3A_0", "--bandwidth", "14MB") as process:
        wait_until(lambda: list(small_disk.glob(f"{STATE}/*.json")))
        other.write_bytes(b"x" * 40 * MIB)
        assert process.wait(20) == 1
        assert "No space left on device; free space" in process.stderr.read()
    other.unlink()
    report = fetch.report("large/S3A_0")
    assert report["resumed"] == 1 and fetch.tree() == {"S3A_0.hdf": BIG["S3A_0.hdf"]}
