"""What is known of ONNX without its package is what the package says."""

import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from export import onnx_file

from . import onnx_tables


def test_the_files_are_those_of_the_installed_package():
    assert (onnx_tables.FOLDER / "onnx_messages.binpb").read_bytes() == (
        onnx_tables.messages()
    )
    text = (onnx_tables.FOLDER / "onnx_operators.json").read_text()
    assert text == onnx_tables.operators()


@pytest.mark.parametrize("number", [n for n in TensorProto.DataType.values() if n])
def test_types_are_named_as_numpy_does(number):
    model = _model(number)
    (found,) = onnx_file.describe_signatures(model)["serving_default"][
        "inputs"
    ].values()
    expected = helper.tensor_dtype_to_np_dtype(number).name
    assert found["dtype"] == ("string" if expected == "object" else expected)


def _model(number=TensorProto.FLOAT, domain=""):
    x, y = (helper.make_tensor_value_info(name, number, ["n", 2]) for name in "xy")
    node = helper.make_node("Mul", ["x", "w"], ["y"], domain=domain)
    weights = numpy_helper.from_array(np.ones(2, np.float32), "w")
    return helper.make_model(helper.make_graph([node], "g", [x], [y], [weights]))


@pytest.mark.parametrize(
    ("domain", "operator", "expected"),
    [
        ("", "Conv", True),
        ("ai.onnx", "Conv", True),
        ("ai.onnx.ml", "Scaler", True),
        ("ai.onnx.ml", "Conv", False),
        ("", "Scaler", False),
        ("ai.onnx.mlai.onnx", "Scaler", False),
        ("mine", "Conv", False),
    ],
)
def test_standard_operators(domain, operator, expected):
    assert onnx_file.is_standard(domain, operator) == expected


def test_an_inspection_needs_no_package_of_onnx(tmp_path):
    onnx.save(_model(), tmp_path / "model.onnx")
    (tmp_path / "2").mkdir()
    onnx.save(_model(domain="mine"), tmp_path / "2/model.onnx")
    code = (
        "import sys, pathlib, export\n"
        "from export import inspection\n"
        "sys.modules |= dict.fromkeys(['onnx', 'keras', 'tensorflow', 'tqdm'])\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "inspection.check(folder, 'model.onnx')\n"
        "print(*inspection.inspect(folder / 'model.onnx')[0].signatures)\n"
        "try: inspection.check(folder / '2', 'model.onnx')\n"
        "except export.ExportError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == "serving_default"
    assert "it uses mine.Mul, which is none of ONNX's own operators" in second
