"""Every name's ONNX in runtimes, by the data beside it."""

import json
import shutil
import subprocess
import unittest
import warnings
from unittest import mock

import numpy as np
import onnx
import pytest
from onnx.backend.test import runner
from onnx.backend.test.case.test_case import TestCase

import zoo
from custom_layers import AttentionDecoder, ChildSumTreeLSTM, TreeRNN
from export import parity
from export.formats import find_format
from export.onnx_conversion.reference_data import write_reference_data
from export.signature import NAME
from export.signatures.by_task import signatures_of
from zoo.runs.trained import trained

from .onnx_models import operators

with warnings.catch_warnings():
    # It imports `onnx.version`, which is deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    import onnxruntime.backend

pytestmark = pytest.mark.slow
SHIPPED = zoo.list_models(pretrained=True)
NAMES = [name for name in zoo.list_models() if name in SHIPPED or "." not in name]
TOLERANCE = 1e-4
# How many levels or tokens there are depends on what was computed before.
LOOPING = (AttentionDecoder, ChildSumTreeLSTM, TreeRNN)
every_name = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory):
    """Returns the folder of a name, with the model and its data, written once."""
    folders = {}

    def folder_of(name):
        if name not in folders:
            folders[name] = tmp_path_factory.mktemp(name.replace(".", "_"))
            model = zoo.create_model(name, pretrained=name in SHIPPED)
            signatures = {NAME: signatures_of(trained(model))[NAME]}
            find_format("onnx").write(signatures, folders[name], {"name": name})
            pairs = parity.compute_reference(signatures)[NAME]
            write_reference_data(folders[name] / "model.onnx", pairs)
        return folders[name]

    return folder_of


@every_name
def test_the_runner_of_onnx(name, artifacts):
    case = TestCase(
        name=f"test_{name}",
        model_name=name,
        url=None,
        model_dir=str(artifacts(name)),
        model=None,
        data_sets=None,
        kind="real",
        rtol=TOLERANCE,
        atol=TOLERANCE,
    )

    def only_ours(kind):
        return [case] if kind == "real" else []

    with mock.patch.object(runner, "load_model_tests", only_ours):
        suite = runner.Runner(onnxruntime.backend, __name__).test_suite
    result = unittest.TestResult()
    suite.run(result)
    assert result.testsRun - len(result.skipped) == 1
    assert not result.failures + result.errors


def test_the_runner_finds_what_differs(artifacts, tmp_path):
    """A check that cannot fail is none."""
    source = artifacts("lenet5.mnist")
    model = onnx.load(source / "model.onnx")
    bias = next(each for each in model.graph.initializer if len(each.dims) == 1)
    array = onnx.numpy_helper.to_array(bias) + np.float32(0.1)
    bias.CopyFrom(onnx.numpy_helper.from_array(array, bias.name))
    (tmp_path / "test_data_set_0").symlink_to(source / "test_data_set_0")
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(AssertionError):
        test_the_runner_of_onnx("lenet5.mnist", lambda _: tmp_path)


@every_name
def test_no_loops_but_of_trees_and_decoders(name, artifacts):
    counts = operators(onnx.load(artifacts(name) / "model.onnx"))
    layers = zoo.create_model(name).layers
    loops = any(isinstance(x, LOOPING) for x in layers)
    assert bool({"Loop", "Scan"} & counts.keys()) == loops


@every_name
def test_openvino(name, artifacts):
    openvino = pytest.importorskip("openvino")
    folder = artifacts(name)
    core = openvino.Core()
    precise = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(str(folder / "model.onnx"), "CPU", precise)
    for data in sorted(folder.glob("test_data_set_*")):
        found = compiled(_tensors(data, "input"))
        expected = _tensors(data, "output")
        for output, got in found.items():
            (want,) = (expected[each] for each in output.names if each in expected)
            np.testing.assert_allclose(got, want, rtol=TOLERANCE, atol=TOLERANCE)


NODE = """
const ort = require(process.argv[2]);
const { model, inputs } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const kinds = { int32: Int32Array, float32: Float32Array };
const feeds = {};
for (const [name, { type, dims, data }] of Object.entries(inputs))
  feeds[name] = new ort.Tensor(type, kinds[type].from(data), dims);
ort.InferenceSession.create(new Uint8Array(require("fs").readFileSync(model)))
  .then((session) => session.run(feeds))
  .then((outputs) => {
    const found = {};
    for (const [name, { dims, data }] of Object.entries(outputs))
      found[name] = { dims, data: Array.from(data, Number) };
    console.log(JSON.stringify(found));
  });
"""


@pytest.mark.parametrize("package", ["onnxruntime-node", "onnxruntime-web"])
@pytest.mark.parametrize("name", ["lenet5.mnist", "tagger", "text_gru", "text_rnn"])
def test_node(name, package, artifacts, tmp_path):
    node = shutil.which("node")
    found = node and subprocess.run(
        [node, "-e", f"require.resolve({package!r})"], capture_output=True
    )
    if not found or found.returncode:
        pytest.skip(f"needs Node.js with {package} in NODE_PATH")
    folder = artifacts(name)
    (tmp_path / "run.cjs").write_text(NODE)
    for data in sorted(folder.glob("test_data_set_*")):
        inputs = {
            key: {"type": x.dtype.name, "dims": x.shape, "data": x.reshape(-1).tolist()}
            for key, x in _tensors(data, "input").items()
        }
        output = subprocess.run(
            [node, str(tmp_path / "run.cjs"), package],
            input=json.dumps({"model": str(folder / "model.onnx"), "inputs": inputs}),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        outputs = json.loads(output.splitlines()[-1])
        for key, want in _tensors(data, "output").items():
            got = np.reshape(outputs[key]["data"], outputs[key]["dims"])
            np.testing.assert_allclose(got, want, rtol=TOLERANCE, atol=TOLERANCE)


def _tensors(folder, kind):
    paths = sorted(folder.glob(f"{kind}_*.pb"))
    tensors = [onnx.TensorProto.FromString(each.read_bytes()) for each in paths]
    return {each.name: onnx.numpy_helper.to_array(each) for each in tensors}
