"""A real S3-protocol server (moto's) behind a proxy that spoils answers: for tests of `cloudmask fetch`."""

import collections
import http.client
import http.server
import logging
import socket
import threading
import time
import urllib.parse

import boto3
import botocore
import botocore.config
import requests
from moto.s3.models import get_canned_acl, s3_backends
from moto.server import ThreadedMotoServer

PASSED_ON = ("range", "if-match", "authorization", "host", "x-amz-checksum-mode", "x-amz-content-sha256", "x-amz-date",
             "x-amz-security-token")


class Request:
    """What a fault may look at: `key` is empty for a list; `nth` counts the GETs of this key from 1."""

    def __init__(self, key, nth, signed):
        self.key, self.nth, self.signed = key, nth, signed


class FaultyStore:
    """`fault(request)` gives the name of a fault, or None: status 403, 404, 500 or slow_down (503 with Retry-After: 1);
    cut (the connection ends in the middle of the body), damage (one byte is another), short (a length that is one less
    than the body's was), shifted (another range than was asked for), stall (half of the body, then nothing), html,
    endless (a 404 that never stops talking). HEADs tell no ETag where `head_has_etag` is False."""

    def __init__(self, bucket):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.bucket = bucket
        self.moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.moto.start()
        self.moto_port = self.moto.get_host_and_port()[1]
        self.moto_url = f"http://127.0.0.1:{self.moto_port}"
        self.client = self.make_client("test", "test")
        self.client.create_bucket(Bucket=bucket)
        self.proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.proxy.daemon_threads = True
        self.proxy.handle_error = lambda *_: None  # clients that are killed in the middle
        self.url = f"http://127.0.0.1:{self.proxy.server_address[1]}"
        threading.Thread(target=self.proxy.serve_forever, daemon=True).start()
        self.stopping = threading.Event()
        self.reset()

    def reset(self):
        self.fault = lambda request: None
        self.before = lambda request: None  # called before a GET is passed on
        self.gets = collections.Counter()
        self.head_has_etag = True

    def stop(self):
        self.stopping.set()
        self.proxy.shutdown()
        self.moto.stop()

    def make_client(self, key, secret, service="s3"):
        # Without the newer checksums a multipart ETag is all that there is to compare, as in older stores.
        config = botocore.config.Config(request_checksum_calculation="when_required")
        return boto3.client(service, endpoint_url=self.moto_url, region_name="us-east-1", aws_access_key_id=key,
                            aws_secret_access_key=secret, config=config)

    def put(self, key, content):
        """Any key at all: around the client, which would refuse some."""
        backend = s3_backends["123456789012"]["aws"]
        backend.put_object(self.bucket, key, content).set_acl(get_canned_acl("public-read"))

    def check_signatures(self, wanted):
        """From now on moto compares them (or no longer does)."""
        requests.post(f"{self.moto_url}/moto-api/reset-auth", data="0" if wanted else "inf", timeout=10)

    def _handler(store):  # noqa: N805: the inner class has a self of its own
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_HEAD(self):
                self.answer(None if store.head_has_etag else "no etag")

            def do_GET(self):
                path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
                key = path.removeprefix(f"/{store.bucket}").removeprefix("/")
                store.gets[key] += 1
                request = Request(key, store.gets[key], "authorization" in self.headers)
                store.before(request)
                self.answer(store.fault(request))

            def answer(self, fault):
                if fault in ("403", "404", "500", "slow_down", "html"):
                    return self.refuse(fault)
                if fault == "endless":
                    return self.talk_for_ever()
                upstream = http.client.HTTPConnection("127.0.0.1", store.moto_port)
                headers = {name: value for name, value in self.headers.items() if name.lower() in PASSED_ON}
                upstream.request(self.command, self.path, headers=headers)
                response = upstream.getresponse()
                body = response.read()
                upstream.close()
                sent = {name.lower(): value for name, value in response.getheaders()}
                self.spoil(fault, response.status, sent, body)

            def refuse(self, fault):
                status = {"slow_down": 503, "html": 200}.get(fault) or int(fault)
                code = {"403": "AccessDenied", "404": "NoSuchKey", "slow_down": "SlowDown"}.get(fault, "InternalError")
                body = b"<html><body>Sign in</body></html>" if fault == "html" else \
                    f"<Error><Code>{code}</Code><Message>as the test wants</Message></Error>".encode()
                self.send_response(status)
                self.send_header("Content-Length", len(body))
                if fault == "slow_down":
                    self.send_header("Retry-After", "1")
                self.end_headers()
                self.wfile.write(body)

            def talk_for_ever(self):
                self.close_connection = True
                self.send_response(404)
                self.end_headers()
                while not store.stopping.is_set():
                    try:
                        self.wfile.write(b"not here " * 1000)
                    except OSError:
                        return

            def spoil(self, fault, status, headers, body):
                if fault == "no etag":
                    headers.pop("etag", None)
                if fault == "damage" and body:
                    body = bytes([body[0] ^ 1]) + body[1:]
                if fault == "short":
                    body = body[:-1]
                if fault == "shifted":
                    status, headers["content-range"] = 206, f"bytes 1-{len(body)}/{len(body) + 1}"
                length = headers.get("content-length", 0) if self.command == "HEAD" else len(body)
                self.send_response(status)
                for name, value in headers.items():
                    if name not in ("content-length", "connection", "date", "server", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", length)
                self.end_headers()
                if self.command == "HEAD":
                    return
                self.wfile.write(body[:len(body) // 2] if fault in ("cut", "stall") else body)
                if fault == "stall":
                    self.wfile.flush()
                    store.stopping.wait(10)
                if fault in ("cut", "stall"):
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True

        return Handler


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()
