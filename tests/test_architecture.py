"""Imports point one way: custom_layers <- zoo <- export <- serving."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ORDER = ("custom_layers", "zoo", "export", "serving")
FIRST_PARTY = set(ORDER)
# Inside `zoo`: who may be imported by whom; rooms of one rank may import each other.
ZOO_RANKS = (
    ("errors", "files"),
    ("plugins", "discovery", "class_registry"),
    ("validation", "machines", "datasets", "weights"),
    ("arguments", "config", "components"),
    ("options", "registry", "tasks"),
    ("models", "runs"),
    ("reports", "results", "inference"),
    ("training",),
    ("tuning",),
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
        elif path.startswith("custom_layers/") and top not in {
            *("custom_layers", "keras", "numpy", "tensorflow", "jax"),
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
        elif package == top == "zoo" and _zoo_rank(module) > ZOO_RANK[room]:
            found.append(f"{path} imports {module}, which is above {room}")
    return found


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
        ("zoo/registry.py", "def f():\n    from export import verify"),
        ("zoo/registry.py", "from zoo.cli.main import run"),
        ("zoo/models/mlp.py", "from zoo.training import train"),
        ("zoo/machines/devices.py", "from zoo.registry import Recipe"),
        ("zoo/runs/trained.py", "def f():\n    from zoo.inference import card"),
        ("zoo/inference/evaluate.py", "from zoo.training.train import train"),
        ("zoo/tuning/tune.py", "import zoo"),
        ("export/exporter.py", "from zoo.training import loop"),
        ("export/formats/onnx.py", "import serving.client"),
    ],
)
def test_the_rule_can_fail(path, source):
    assert len(offences(path, source)) == 1


def test_the_command_line_imports_heavy_packages_inside_its_commands_only():
    heavy = FIRST_PARTY | {"keras", "tensorflow", "numpy"}
    allowed = {"zoo.cli", "zoo.errors"}
    for path in (ROOT / "zoo/cli").glob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                for module in imported(ast.unparse(node)):
                    top = module.split(".")[0]
                    name = ".".join(module.split(".")[:2])
                    assert top not in heavy or name in allowed, f"{path}: {module}"
