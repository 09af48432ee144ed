"""The servers that are measured: how each is started and what it is asked."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.servers import protocols
from benchmarks.servers.protocols import Protocol

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venv-serving-peers"
PEERS = Path(__file__).with_name("peers")
OURS, MODEL = "ours", "lenet5.mnist"
PEERS_NAME = "lenet5"


class Side(NamedTuple):
    """A server under measure.

    Args:
        name: In the results.
        forms: By description, functions of `(http_port, grpc_port)` that make a command
            line; the fastest form is measured.
        protocols: By the transport of a work: `json`, `binary`, `grpc`, `grpc v2`.
        python: The interpreter, whose packages say the version.
        packages: The packages whose versions the page names.
        brief: Whether it is loaded with one image by 16 and 64 callers only.
    """

    name: str
    forms: dict[str, Callable]
    protocols: dict[str, Protocol]
    python: Path = Path(sys.executable)
    packages: tuple[str, ...] = ()
    brief: bool = False


def our_command(base_path, http_port, grpc_port, *, engine="onnx", workers=None):
    """The command line of `zoo serve`."""
    given = ["--model-base-path", base_path, "--engine", engine]
    given += ["--rest-api-port", http_port, "--port", grpc_port]
    given += [] if workers is None else ["--workers", workers]
    return [sys.executable, "-m", "zoo", "serve", *map(str, given)]


def ours(base_path):
    """`zoo serve` as it is by default, then with fewer or other parts."""
    json = protocols.instances(f"/v1/models/{MODEL}:predict")
    asked = {
        "json": json,
        "binary": protocols.open_inference_binary(MODEL),
        "grpc": protocols.tensorflow_serving_grpc(MODEL),
        "grpc v2": protocols.open_inference_grpc(MODEL),
    }
    command = functools.partial(our_command, base_path)

    def variant(name, **options):
        form = functools.partial(command, **options)
        return Side(name, {"": form}, {"json": json}, brief=True)

    return [
        Side(OURS, {"default": command}, asked, packages=("onnxruntime", "numpy")),
        variant("ours, one worker", workers=1),
        variant("ours, two workers", workers=2),
        variant("ours, SavedModel engine", engine="tensorflow"),
    ]


def peers(model):
    """The peers, each run by the Python that `make serving-peers` installed.

    Args:
        model: Path of the ONNX file.
    """
    v2 = protocols.open_inference(PEERS_NAME)
    binary = protocols.open_inference_binary(PEERS_NAME)
    grpc = protocols.open_inference_grpc(PEERS_NAME)
    make = functools.partial(_peer, model)
    return [
        make(
            "Triton's Python backend (PyTriton)",
            "pytriton",
            {"json": v2, "binary": binary, "grpc v2": grpc},
            packages=("nvidia-pytriton",),
        ),
        make("MLServer", "mlserver", {"json": v2, "grpc v2": grpc}, workers=(0, 2)),
        make("KServe", "kserve", {"json": v2, "grpc v2": grpc}),
        make("BentoML", "bentoml", {"json": protocols.own("/predict")}),
        make("LitServe", "litserve", {"json": _with_output("/predict")}),
        make("Ray Serve", "ray", {"json": _with_output("/")}),
    ]


def _with_output(path):
    return protocols.own(path, "probabilities")


def _peer(model, name, key, asked, *, workers=(1, 2), packages=()):
    python = ENVIRONMENTS / key / "bin" / "python"

    def form(count):
        def command(http_port, grpc_port):
            ports = ["--http-port", str(http_port), "--grpc-port", str(grpc_port)]
            script = PEERS / f"{key}_app.py"
            return [str(python), script, model, *ports, "--workers", str(count)]

        return command

    forms = {f"{count} workers": form(count) for count in workers}
    packages = (*(packages or (key,)), "onnxruntime", "numpy")
    return Side(name, forms, asked, python, packages)
