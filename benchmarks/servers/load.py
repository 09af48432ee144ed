"""Load from another process: `wrk` over HTTP, `grpc.aio` over gRPC."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.servers.process import READABLE, NotThereError

SCRIPT = Path(__file__).with_name("post.lua")


class Request(NamedTuple):
    """A request, the same each time.

    Args:
        path: Of the URL, or the full name of gRPC's method.
        body: The serialized message or document.
        headers: HTTP headers.
    """

    path: str
    body: bytes
    headers: dict[str, str]


def require_wrk():
    """Ends the benchmark with one line where `wrk` is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: install Debian's package of this name.")


def over_http(port, request, connections, seconds):
    """Returns requests a second, p50 and p99 in ms, and the number of errors."""
    with tempfile.NamedTemporaryFile() as body:
        body.write(request.body)
        body.flush()
        headers = [part for header in request.headers.items() for part in header]
        options = [f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
        url = f"http://127.0.0.1:{port}{request.path}"
        command = ["wrk", "-t1", *options, "-s", SCRIPT, url, "--", body.name, *headers]
        return _last_line(command)


def over_grpc(port, request, connections, seconds):
    """As `over_http`, with a connection for each of the concurrent callers."""
    with tempfile.NamedTemporaryFile() as body:
        body.write(request.body)
        body.flush()
        module = [sys.executable, "-m", "benchmarks.servers.grpc_load"]
        what = [f"127.0.0.1:{port}", request.path, body.name]
        return _last_line([*module, *what, str(connections), str(seconds)])


def _last_line(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise NotThereError(
            f"the load ended: {(done.stderr or done.stdout)[-READABLE:]}"
        )
    return json.loads(done.stdout.splitlines()[-1])
