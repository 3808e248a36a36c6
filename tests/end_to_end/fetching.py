"""What the tests of `cloudmask fetch` share: a store with objects, and the program that fetches them."""

import contextlib
import json
import os
import pathlib
import random
import subprocess
import sys

import pytest

from conftest import PROGRAM, Program

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "remote"))
from faulty_store import FaultyStore, wait_until  # noqa: E402, F401

BUCKET = "scenes"
STATE = ".cloudmask-fetch"
MIB = 1 << 20


def content(seed, size):
    return random.Random(seed).randbytes(size)


SMALL = {f"day/S3A_{i:02}.hdf": content(i, 1000 * i) for i in range(24)} | {"day/deep/er/a b+ü€.hdf": content(99, 5000)}
LARGE = {f"large/S3A_{i}.hdf": content(100 + i, 36 * MIB + i) for i in range(2)}

PARTS = [content(200, 5 * MIB), content(201, 5 * MIB), content(202, 7)]


@pytest.fixture(scope="module")
def store():
    made = FaultyStore(BUCKET)
    for key, body in {"day/": b"", **SMALL, **LARGE}.items():
        made.put(key, body)
    names = {"Bucket": BUCKET, "Key": "parts/S3A.hdf"}
    names["UploadId"] = made.client.create_multipart_upload(**names, ACL="public-read")["UploadId"]
    tags = [made.client.upload_part(**names, PartNumber=i, Body=part)["ETag"] for i, part in enumerate(PARTS, 1)]
    parts = [{"PartNumber": i, "ETag": tag} for i, tag in enumerate(tags, 1)]
    made.client.complete_multipart_upload(**names, MultipartUpload={"Parts": parts})
    yield made
    made.stop()


class Fetch(Program):
    """`cloudmask fetch WHAT --to to` from the store."""

    def __init__(self, folder, store):
        super().__init__(folder)
        self.store = store
        self.to = folder / "to"

    def words(self, what, *options):
        return ["fetch", what, "--to", "to", "--endpoint", self.store.url, "--bucket", BUCKET, *options]

    def fetch(self, what, *options, code=0):
        return self(*self.words(what, *options), code=code)

    def report(self, what, *options, code=0):
        return json.loads(self.fetch(what, "--json", "-", *options, code=code).stdout)

    @contextlib.contextmanager
    def running(self, what, *options):
        process = subprocess.Popen([PROGRAM, *self.words(what, *options)], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def tree(self):
        """What a user finds: without the folder of unfinished files."""
        files = (path for path in self.to.rglob("*") if path.is_file() and STATE not in path.parts)
        return {str(path.relative_to(self.to)): path.read_bytes() for path in files}

    def unfinished_bytes(self):
        with contextlib.suppress(FileNotFoundError):
            return sum(path.stat().st_size for path in (self.to / STATE).iterdir() if path.suffix == "")
        return 0


def below(prefix, objects):
    return {key.removeprefix(prefix): body for key, body in objects.items()}


DAY, BIG = below("day/", SMALL), below("large/", LARGE)


@pytest.fixture
def fetch(tmp_path, store, monkeypatch):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    store.reset()
    return Fetch(tmp_path, store)
