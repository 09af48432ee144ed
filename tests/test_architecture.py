"""Imports point one way: custom_layers <- zoo <- export <- serving."""

import ast
import importlib
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ("custom_layers", "zoo", "export", "serving")
FIRST_PARTY = set(ORDER)
# Inside `zoo`: who may be imported by whom; rooms of one rank may import each other.
ZOO_RANKS = (
    (
        *("array_file", "bounds", "errors", "files", "hdf5_file", "keywords"),
        *("catalogue", "import_hooks", "messages", "version"),
    ),
    ("input_statistics",),
    ("plugins", "discovery"),
    ("validation",),
    ("environments",),
    ("reading", "machines", "datasets", "weights", "word_vectors"),
    ("arguments", "config", "components"),
    ("options", "registry", "tasks"),
    ("models", "runs"),
    ("reports", "results", "inference"),
    ("training", "shows"),
    ("tuning", "sklearn"),
    ("__init__",),  # the public names, which `import zoo` gives
    ("cli", "__main__"),
)
ZOO_RANK = {room: rank for rank, rooms in enumerate(ZOO_RANKS) for room in rooms}
MODELS_MAY_IMPORT = (
    "custom_layers",
    "keras",
    "zoo.errors",
    "zoo.models",
    "zoo.registry",
)

# What the files of a room may import of the four packages.
ROOMS = {
    "export/formats/": (
        *("export.assertions", "export.errors", "export.formats"),
        "export.onnx_conversion",
        *("export.naming", "export.signature", "export.signatures.base"),
        *("export.onnx_file", "export.warmup"),
        *("zoo.bounds", "zoo.discovery"),
    ),
    "serving/protocol/": ("serving.errors", "serving.protocol"),
    "serving/engines/": (
        *("serving.engines", "serving.errors", "serving.options", "serving.protocol"),
        *("zoo.discovery", "zoo.errors"),
    ),
    "serving/models/": (
        *("serving.engines", "serving.errors", "serving.models", "serving.protocol"),
        *("serving.options", "export.errors", "export.inspection", "export.manifest"),
        *("zoo.array_file", "zoo.errors", "zoo.input_statistics"),
    ),
    "serving/transport/": (
        *("serving.errors", "serving.models", "serving.protocol", "serving.transport"),
        *("serving.metrics", "serving.options", "serving.tracing", "zoo.version"),
    ),
    "serving/bench/": (
        *("serving.bench", "serving.client", "serving.errors", "serving.protocol"),
        *("serving.models.tf_record", "zoo.array_file"),
    ),
    "serving/deploy/": (
        *("serving.deploy", "serving.errors", "serving.protocol", "serving.server"),
        *("serving.models.repository", "zoo.version"),
    ),
    "serving/client/": ("serving.client", "serving.errors", "serving.protocol"),
}
# Nothing in these files reads, writes, waits or runs beside others.
PURE = "serving/protocol/"
INPUT_OUTPUT = {
    *("asyncio", "grpc", "http", "io", "logging", "multiprocessing", "os"),
    *("pathlib", "httpx", "shutil", "socket", "ssl", "subprocess", "tempfile"),
    *("threading", "time", "urllib.request"),
}
# Their classes are found by importing all of them, so their libraries come later.
FOUND_BY_IMPORT = ("export/formats/", "serving/engines/")


def imported(source: str) -> set[str]:
    """Every module that a file imports, at its top or inside a function."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def offences(path: str, source: str) -> list[str]:
    """What the file at `path` (relative to the root) may not import."""
    package = path.split("/")[0]
    below = set(ORDER[: ORDER.index(package) + 1])
    room = path.split("/")[1].removesuffix(".py")
    is_command_line = path == "zoo/__main__.py" or path.startswith("zoo/cli/")
    found = []
    for module in sorted(imported(source)):
        top = module.split(".")[0]
        if module.startswith("zoo.cli") and not is_command_line:
            found.append(f"{path} imports {module}; nobody imports the command line")
        elif top in FIRST_PARTY - below and not is_command_line:
            found.append(f"{path} imports {module}; {package} may not know {top}")
        elif package == "custom_layers" and top in ("tensorflow", "jax", "torch"):
            if not path.startswith("custom_layers/fast/"):
                found.append(f"{path} imports {module}; only fast/ knows backends")
        elif package == "custom_layers" and top not in {
            *("custom_layers", "keras", "numpy"),
            *sys.stdlib_module_names,
        }:
            found.append(f"{path} imports {module}; components import keras and numpy")
        elif (
            path.startswith("zoo/models/")
            and top not in sys.stdlib_module_names
            and not module.startswith(MODELS_MAY_IMPORT)
        ):
            found.append(f"{path} imports {module}; models know components only")
        elif package == "export" and module.startswith("zoo.training"):
            found.append(f"{path} imports {module}; export may not know training")
        elif not _is_allowed(path, module):
            found.append(f"{path} imports {module}; see ROOMS")
        elif path.startswith(PURE) and _is_below(module, INPUT_OUTPUT):
            found.append(f"{path} imports {module}; the protocol does no I/O")
        elif package == top == "zoo" and _zoo_rank(module) > ZOO_RANK[room]:
            found.append(f"{path} imports {module}, which is above {room}")
    return found


def _is_allowed(path: str, module: str) -> bool:
    allowed = [modules for room, modules in ROOMS.items() if path.startswith(room)]
    return (
        not allowed
        or module.split(".")[0] not in FIRST_PARTY
        or _is_below(module, allowed[0])
    )


def _is_below(module: str, modules: Iterable[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in modules)


def _zoo_rank(module: str) -> int:
    """The rank of the room that a module is in; other names are those of `zoo`."""
    room = module.removeprefix("zoo").removeprefix(".").split(".")[0]
    return ZOO_RANK.get(room, ZOO_RANK["__init__"])


def files() -> list[str]:
    return sorted(
        path.relative_to(ROOT).as_posix()
        for package in ORDER
        for path in (ROOT / package).rglob("*.py")
    )


@pytest.mark.parametrize("path", files())
def test_imports_point_one_way(path):
    assert offences(path, (ROOT / path).read_text()) == []


def test_every_package_is_checked():
    assert {path.split("/")[0] for path in files()} == FIRST_PARTY


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("custom_layers/dense.py", "import zoo"),
        ("custom_layers/dense.py", "from scipy import special"),
        ("custom_layers/dense.py", "def f():\n    import tensorflow as tf"),
        ("custom_layers/layers/noise.py", "import jax"),
        ("zoo/registry.py", "def f():\n    from export import verify"),
        ("zoo/registry.py", "from zoo.cli.main import run"),
        ("zoo/models/mlp.py", "from zoo.training import train"),
        ("zoo/machines/devices.py", "from zoo.registry import Recipe"),
        ("zoo/runs/trained.py", "def f():\n    from zoo.inference import card"),
        ("zoo/inference/evaluate.py", "from zoo.training.train import train"),
        ("zoo/tuning/tune.py", "import zoo"),
        ("export/exporter.py", "from zoo.training import loop"),
        ("export/formats/onnx.py", "import serving.client"),
        ("export/formats/onnx.py", "def f():\n    from export import parity"),
        ("export/formats/onnx.py", "from zoo.runs.trained import trained"),
        ("serving/protocol/tensors.py", "from serving.engines.base import Engine"),
        ("serving/protocol/tensors.py", "from serving.server import Server"),
        ("serving/protocol/tensors.py", "from pathlib import Path"),
        ("serving/protocol/tensors.py", "def f():\n    import socket"),
        ("serving/protocol/tensors.py", "from urllib.request import urlopen"),
        ("serving/engines/onnx.py", "from serving.models.manager import ModelManager"),
        ("serving/engines/onnx.py", "from export import manifest"),
        ("serving/models/manager.py", "from serving.transport.rest import RestApi"),
        ("serving/models/manager.py", "from export.exporter import export_model"),
        ("serving/transport/rest.py", "from serving.server import serve"),
        ("serving/transport/rest.py", "from serving.engines import load_engine"),
        ("serving/client/rest_client.py", "from serving.models import manager"),
    ],
)
def test_the_rule_can_fail(path, source):
    assert len(offences(path, source)) == 1


def test_the_command_line_imports_heavy_packages_inside_its_commands_only():
    heavy = FIRST_PARTY | {"keras", "tensorflow", "numpy"}
    allowed = {"serving.options", "zoo.cli", "zoo.errors", "zoo.messages"}
    for path in (ROOT / "zoo/cli").glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for module in imported(ast.unparse(node)):
                    top = module.split(".")[0]
                    name = ".".join(module.split(".")[:2])
                    assert top not in heavy or name in allowed, f"{path}: {module}"


def heavy_imports(path: str, source: str) -> list[str]:
    """Libraries that a file imports at its top, but for those under TYPE_CHECKING."""
    body = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    light = {*sys.stdlib_module_names, "numpy", "zoo"}
    allowed = {path.split("/")[0], *light}
    modules = imported("\n".join(map(ast.unparse, body)))
    heavy = (
        *("export.onnx_conversion", "export.signature", "export.signatures"),
        *("export.text_signature", "export.warmup"),
    )
    return sorted(
        module
        for module in modules
        if module.split(".")[0] not in allowed or _is_below(module, heavy)
    )


@pytest.mark.parametrize("path", [p for p in files() if p.startswith(FOUND_BY_IMPORT)])
def test_what_is_found_by_import_is_light(path):
    assert heavy_imports(path, (ROOT / path).read_text()) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("export/formats/onnx.py", "import tf2onnx"),
        ("export/formats/onnx.py", "from export import warmup"),
        ("serving/engines/onnx.py", "from onnxruntime.capi import onnxruntime_pybind"),
    ],
)
def test_the_rule_of_light_files_can_fail(path, source):
    assert len(heavy_imports(path, source)) == 1
    assert heavy_imports(path, f"if TYPE_CHECKING:\n    {source}") == []


def shadowed(packages: tuple[str, ...]) -> list[str]:
    """Modules that their package knows something else by the name of."""
    modules = [
        module.name
        for package in map(importlib.import_module, packages)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not module.name.endswith(("__main__", "_jax"))
    ]
    for name in [*packages, *modules]:
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            getattr(module, public)
    return [
        name
        for name in modules
        if pkgutil.resolve_name(name.replace(".", ":", 1)) is not sys.modules[name]
    ]


def test_no_package_shadows_its_own_module():
    assert shadowed(ORDER) == []


def test_a_shadowed_module_is_found(tmp_path, monkeypatch):
    package = tmp_path / "shadowing"
    package.mkdir()
    (package / "__init__.py").write_text("from shadowing.train import train\n")
    (package / "train.py").write_text("def train(): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert shadowed(("shadowing",)) == ["shadowing.train"]
