"""Servers for tests that speak S3 and WebDAV, each in a thread of this process, on a free port."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import boto3
import requests
from cheroot.wsgi import Server
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from wsgidav.wsgidav_app import WsgiDAVApp

KEY, SECRET = "yiku-key", "s3cr3t/of+s3"
DAV_USER, DAV_PASSWORD = "dashi", "p@ss/word:dav"
BUCKET = "reports"


@contextlib.contextmanager
def serve_s3() -> Iterator[str]:
    """Serve an empty bucket until the block ends; yield the address of the server."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    try:
        # what an earlier server of this process was given is still there
        requests.post(f"{endpoint}/moto-api/reset", timeout=10)
        client(endpoint).create_bucket(Bucket=BUCKET)
        yield endpoint
    finally:
        server.stop()


def client(endpoint: str):
    """Return a client of another make than the one under test."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=KEY,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )


@contextlib.contextmanager
def serve_webdav(folder: Path, closed: str = "") -> Iterator[str]:
    """Serve a folder until the block ends; yield its address. Nobody may look into the folder ``closed``."""
    login = {DAV_USER: {"password": DAV_PASSWORD}}
    app = WsgiDAVApp(
        {
            "provider_mapping": {"/dav": str(folder)},
            "simple_dc": {"user_mapping": {"*": login}},
            "http_authenticator": {
                "accept_basic": True,
                "accept_digest": False,
            },
            "verbose": 0,
            "logging": {"enable": False},
        }
    )

    def guarded(environ, start_response):
        path = environ["PATH_INFO"].encode("latin-1").decode()
        if closed and path.startswith(f"/dav/{closed}"):
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        return app(environ, start_response)

    server = Server(("127.0.0.1", 0), guarded)
    server.prepare()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}/dav"
    finally:
        server.stop()
        thread.join(timeout=10)
