"""What `cloudmask fetch` asks of whom: credentials, names of the benchmark, bandwidth, stores that are none."""

import json
import time

import pytest

from fetching import BIG, DAY, PARTS, fetch, store, wait_until  # noqa: F401: fixtures


@pytest.fixture
def signatures(store):
    """The store compares them, and knows a user who may read; yields her key and secret, and those of a session."""
    iam, sts = (store.make_client("test", "test", service) for service in ("iam", "sts"))
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.create_user(UserName="reader")
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=json.dumps(policy))
    role = iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    iam.put_role_policy(RoleName="role", PolicyName="read", PolicyDocument=json.dumps(policy))
    user = iam.create_access_key(UserName="reader")["AccessKey"]
    session = sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    store.check_signatures(True)
    yield user, session
    store.check_signatures(False)


def test_credentials_sign_lists_and_objects(fetch, store, signatures, monkeypatch):
    user, session = signatures
    (fetch.folder / "credentials").write_text(
        f"[default]\naws_access_key_id = {user['AccessKeyId']}\naws_secret_access_key = wrong\n[reader]\n"
        f"aws_access_key_id = {user['AccessKeyId']}\naws_secret_access_key = {user['SecretAccessKey']}\n")
    fault = fetch.fault(*fetch.words("day/"))
    assert "SignatureDoesNotMatch" in fault and "check the credentials" in fault and list(store.gets) == [""]
    monkeypatch.setenv("AWS_PROFILE", "reader")
    fetch.fetch("day/")
    assert fetch.tree() == DAY
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", session["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", session["SecretAccessKey"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", session["SessionToken"])
    fetch.fetch("parts/")  # its tag needs a HEAD
    fetch.fetch("large/S3A_0")  # in ranges
    assert fetch.tree() == {**DAY, "S3A.hdf": b"".join(PARTS), "S3A_0.hdf": BIG["S3A_0.hdf"]}


def test_anonymous_requests_are_not_signed(fetch, store):
    (fetch.folder / "credentials").write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\n")
    signed = []
    store.before = lambda request: signed.append(request.signed)
    fetch.fetch("day/S3A_0", "--anonymous")
    assert len(signed) == 10 and not any(signed)  # one object is empty


def test_bandwidth_is_kept_to(fetch):
    start = time.monotonic()
    fetch.fetch("day/", "--bandwidth", "150KB")
    assert time.monotonic() - start > sum(map(len, DAY.values())) / 153600 * 0.95


def test_what_is_no_store_is_said_in_one_line(fetch, store):
    nobody = ["fetch", "day/", "--to", "to", "--endpoint", "http://127.0.0.1:1", "--bucket", "b", "--retries", "0"]
    assert "127.0.0.1" in fetch.fault(*nobody)
    store.fault = lambda request: "html"
    assert "'html'; is this an S3 store?" in fetch.fault(*fetch.words("day/"))
    store.reset()
    assert "no object whose key begins with 'nothing/'" in fetch.fault(*fetch.words("nothing/"))
    assert "NoSuchBucket" in fetch.fault("fetch", "x", "--to", "to", "--endpoint", store.url, "--bucket", "absent")


def test_a_store_that_falls_silent_ends_the_run_instead_of_every_file_in_turn(fetch, store):
    store.fault = lambda request: "500" if request.key else None
    done = fetch.fetch("day/", "--jobs", "2", "--retries", "0", code=1)
    assert "nothing gets through any more" in done.stderr
    assert sum(store.gets.values()) < len(DAY)


def test_two_at_a_time_in_one_folder_are_refused(fetch):
    with fetch.running("large/", "--bandwidth", "5MB"):
        wait_until(lambda: fetch.unfinished_bytes() > 0)
        assert "another cloudmask" in fetch.fault(*fetch.words("day/"))


@pytest.mark.parametrize("words,prefix", [(["one-day"], "en/cloud_slstr_ds1/one-day/"),
                                          (["inference"], "es/cloud_slstr_ds1/inference/"),
                                          (["ssts", "--prefix", "mine"], "mine/ssts/"),
                                          (["2017/", "--prefix", "mine/"], "mine/2017/")])
def test_names_of_the_benchmark_are_prefixes_in_its_bucket(fetch, store, words, prefix):
    fault = fetch.fault("fetch", *words, "--list", "--endpoint", store.url)
    assert f"list of {store.url}/sciml-datasets/{prefix}: HTTP status 404 NoSuchBucket" in fault


def test_usage(fetch):
    assert "--to" in fetch.fault("fetch", "one-day", code=2)
    assert "--endpoint" in fetch.fault("fetch", "x", "--to", "to", "--endpoint", "s3.example.org", code=2)
    assert "--bucket" in fetch.fault("fetch", "x", "--to", "to", "--bucket", "a/b", code=2)
