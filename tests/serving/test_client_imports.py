"""What a client has to be installed with."""

import subprocess
import sys

import pytest

STANDARD_OR_OURS = {"serving", "zoo", "export", "custom_layers"}
# What each client may load: numpy, protobuf (`google`) and its transport.
OURS_NEED = {"lazy_loader", "numpy"}
HTTPX = {"httpx", "httpcore", "h11", "anyio", "certifi", "idna", "sniffio", "orjson"}
HTTPX |= {"typing_extensions"}  # of anyio
HTTPX |= {"brotli", "zstandard"}  # encodings, where they are installed
# httpx has a command, which it imports where its libraries are installed.
HTTPX |= {"click", "rich", "pygments"}
GRPC_NEEDS = {"grpc", "google", "typing_extensions"}
# grpcio imports its sisters where they are installed.
GRPC_NEEDS |= {"grpc_health", "grpc_reflection", "grpc_tools"}
USE = """
import sys, threading, http.server
import numpy as np
import serving

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        outputs = b'{"outputs": {"y": {"dtype": "DT_FLOAT"}}}'
        signatures = b'{"signature_def": {"serving_default": ' + outputs + b'}}'
        self.answer(b'{"metadata": {"signature_def": ' + signatures + b'}}')
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b'{"outputs": [1.5]}')
    def log_message(self, *args):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
"""
BLOCKING = """
with serving.Client(url) as client:
    assert client.predict("m", {"x": np.zeros(3)})["y"].tolist() == [1.5]
"""
ASYNCHRONOUS = """
import asyncio
async def main():
    async with serving.AsyncClient(url) as client:
        assert (await client.predict("m", {"x": np.zeros(3)}))["y"].tolist() == [1.5]
asyncio.run(main())
"""
GRPC = """
import serving
from serving import Retries
for make in (serving.GrpcClient, serving.AsyncGrpcClient):
    assert make
with serving.GrpcClient("127.0.0.1:1", retries=Retries(attempts=1)) as client:
    try:
        client.predict("m", {"x": [1.0]})
    except serving.RequestError as error:
        assert "No server answers" in str(error), error
import sys
"""
REPORT = """
names = {name.partition(".")[0] for name in sys.modules}
print(*sorted(n for n in names - set(sys.stdlib_module_names) if n.isidentifier()))
"""


def loaded(code):
    done = subprocess.run(
        [sys.executable, "-c", code + REPORT], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    # Compiled modules and `.pth` files have private names of their own.
    return {name for name in done.stdout.split() if not name.startswith("_")}


@pytest.mark.parametrize(
    "code", [BLOCKING, ASYNCHRONOUS], ids=["blocking", "asynchronous"]
)
def test_a_rest_client_loads_numpy_and_httpx_alone(code):
    names = loaded(USE + code)
    assert {"numpy", "httpx"} <= names
    assert names - STANDARD_OR_OURS - OURS_NEED - HTTPX <= {"cython_runtime"}


def test_a_grpc_client_loads_numpy_protobuf_and_grpcio_alone():
    names = loaded(GRPC)
    assert {"numpy", "google", "grpc"} <= names
    rest = names - STANDARD_OR_OURS - OURS_NEED - GRPC_NEEDS
    assert rest <= {"cython_runtime"}
