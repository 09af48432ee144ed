"""What a process that serves ONNX has loaded before its first answer, and when."""

import json
import subprocess
import sys

import pytest

from serving import server
from serving.models.config import Configuration
from serving.options import ServerOptions

from .rows import write_onnx
from .test_warmup import predict_log, write_records

# They take long to import, and no first answer needs them.
LATE = {"wrapt", "importlib.metadata", "psutil", "numpy.random", "grpc"}
LATE |= {"export.inspection.keras_file", "export.inspection.saved_model"}
LATE |= {"export.inspection.litert", "tensorflow", "keras", "onnx"}
LOAD = """
import importlib, json, pathlib, sys
import zoo.cli.main, zoo.cli.serve, serving.server
from serving.models.servable import Servable
from serving.options import ServerOptions

path, options = pathlib.Path(sys.argv[1]), ServerOptions(sys.argv[1], engine="onnx")
for name in sys.argv[2:]:
    importlib.import_module(name)
before = set(sys.modules)
servable = Servable("scale", 1, path)
servable.load(options)
(profile,) = servable.profiles.values()
assert profile.has_independent_rows
print(json.dumps([sorted(before), sorted(set(sys.modules) - before)]))
"""


@pytest.fixture
def version(tmp_path):
    folder = tmp_path / "scale" / "1"
    folder.mkdir(parents=True)
    write_onnx(folder, 2.0)
    write_records(folder, predict_log(x=[1.0, 2.0]))
    return folder


def test_a_first_answer_waits_for_nothing_that_it_does_not_need(version):
    options = ServerOptions(str(version.parent), engine="onnx")
    modules = server._libraries(options, Configuration(options))
    assert "onnxruntime" in modules
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(version), *modules],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    before, by_loading = json.loads(done.stdout)
    assert LATE & {*before, *by_loading} == set()
    # Each worker would import it for itself.
    assert not [name for name in by_loading if name.startswith(("google", "numpy"))]
