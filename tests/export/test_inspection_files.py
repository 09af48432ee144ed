"""Files of other kinds: ONNX, LiteRT and Keras, and paths that hold no model."""

import json
import random
import shutil
import zipfile

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from onnx import TensorProto, helper, numpy_helper

import custom_layers
import export
from export import ExportError, UnsafeModelError, inspection

from .inspecting import only, refused
from .programs import FLOATS, STRINGS, save

# ONNX


def write_onnx(folder, nodes, initializers=(), functions=(), domains=("",)):
    folder.mkdir(exist_ok=True)
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch"])],
        list(initializers),
    )
    opsets = [
        helper.make_opsetid(domain, 17 if not domain else 1) for domain in domains
    ]
    model = helper.make_model(
        graph, opset_imports=opsets, functions=list(functions), ir_version=9
    )
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return folder


def external(location):
    tensor = numpy_helper.from_array(np.float32([2]), "factor")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return tensor


MUL = helper.make_node("Mul", ["x", "factor"], ["y"])


def test_onnx_with_its_own_data_is_allowed(tmp_path):
    folder = write_onnx(tmp_path / "model", [MUL], [external("weights/w.bin")])
    refused(folder, "it reads 'weights/w.bin', which is not there")
    (folder / "weights").mkdir()
    (folder / "weights/w.bin").write_bytes(np.float32([2]).tobytes())
    found = only(folder)
    assert (found.reads, found.refused) == (("weights/w.bin",), ())
    assert found.bytes == (folder / "model.onnx").stat().st_size + 4
    assert found.operators == {"Mul": 1}
    shape = {"dtype": "float32", "shape": [None]}
    assert found.signatures == {
        "serving_default": {"inputs": {"x": shape}, "outputs": {"y": shape}}
    }
    assert only(folder / "model.onnx") == found


@pytest.mark.parametrize(
    "location",
    ["/etc/hostname", "../w.bin", "link/w.bin", "link.bin", "", ".", "a\0b", "loop"],
)
def test_onnx_with_data_of_others_is_refused(location, tmp_path):
    (tmp_path / "w.bin").write_bytes(b"1234")
    folder = write_onnx(tmp_path / "model", [MUL], [external(location)])
    (folder / "link").symlink_to(tmp_path)
    (folder / "link.bin").symlink_to(tmp_path / "w.bin")
    (folder / "loop").symlink_to(folder / "loop")
    refused(folder, "it reads '.*', which is not in its folder")


def _in_a_branch(location):
    value = helper.make_node("Constant", [], ["v"], value=external(location))
    output = helper.make_tensor_value_info("v", TensorProto.FLOAT, None)
    graph = helper.make_graph([value], "branch", [], [output])
    condition = helper.make_node(
        "Constant", [], ["c"], value=numpy_helper.from_array(np.array(True))
    )
    branches = {"then_branch": graph, "else_branch": graph}
    return [condition, helper.make_node("If", ["c"], ["y"], **branches)], ()


def _in_a_function(location):
    value = helper.make_node("Constant", [], ["v"], value=external(location))
    opset = [helper.make_opsetid("", 17)]
    function = helper.make_function("own", "F", ["a"], ["v"], [value], opset)
    return [helper.make_node("F", ["x"], ["y"], domain="own")], [function]


@pytest.mark.parametrize("make", [_in_a_branch, _in_a_function])
def test_onnx_is_searched_through(make, tmp_path):
    nodes, functions = make("/etc/hostname")
    folder = write_onnx(tmp_path / "m", nodes, (), functions, domains=("", "own"))
    refused(folder, "it reads '/etc/hostname'")
    assert only(folder).custom == ()


@pytest.mark.parametrize(
    ("domain", "operator", "name"),
    [
        ("my.company", "ReadMyMail", "my.company.ReadMyMail"),
        ("com.microsoft", "EPContext", "com.microsoft.EPContext"),
        ("ai.onnx.contrib", "PyOp", "ai.onnx.contrib.PyOp"),
        ("", "ReadMyMail", "ReadMyMail"),
    ],
)
def test_custom_operators_of_onnx_are_refused(domain, operator, name, tmp_path):
    nodes = [helper.make_node(operator, ["x"], ["y"], domain=domain)]
    folder = write_onnx(tmp_path / "m", nodes, domains={"", domain})
    refused(folder, f"it uses {name}, which is none of ONNX's own operators")
    assert only(folder).custom == (name,)


@pytest.mark.parametrize(
    ("domain", "operator"), [("com.microsoft", "QuickGelu"), ("ai.onnx.ml", "Scaler")]
)
def test_operators_of_the_runtime_are_allowed(domain, operator, tmp_path):
    nodes = [helper.make_node(operator, ["x"], ["y"], domain=domain)]
    assert only(write_onnx(tmp_path / "m", nodes, domains=("", domain))).is_safe


def _function(name, *called):
    names = ["a", *(f"t{i}" for i in range(len(called) - 1)), "b"]
    nodes = [
        helper.make_node(each, [names[i]], [names[i + 1]], domain="own")
        for i, each in enumerate(called)
    ] or [helper.make_node("Neg", ["a"], ["b"])]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return helper.make_function("own", name, ["a"], ["b"], nodes, opsets)


@pytest.mark.parametrize(
    ("functions", "message"),
    [
        ([_function("F", "F")], r"function 'own\.F' calls itself through others"),
        ([_function("F", "G"), _function("G", "F")], "calls itself through others"),
        (
            [
                _function("F0"),
                *(_function(f"F{i}", *[f"F{i - 1}"] * 2) for i in range(1, 40)),
                _function("F", "F39"),
            ],
            "unfold to more than 100,000 operators",
        ),
    ],
)
def test_functions_of_onnx_that_unfold_are_an_error(functions, message, tmp_path):
    nodes = [helper.make_node("F", ["x"], ["y"], domain="own")]
    folder = write_onnx(tmp_path / "m", nodes, (), functions, domains=("", "own"))
    with pytest.raises(ExportError, match=message):
        export.inspect(folder)


def test_every_signature_in_onnx_is_judged(tmp_path):
    folder = write_onnx(tmp_path / "m", [helper.make_node("Relu", ["x"], ["y"])])
    (folder / "onnx").mkdir()
    write_onnx(folder / "onnx/features", [MUL], [external("/etc/hostname")])
    assert [each.is_safe for each in export.inspect(folder)] == [True, False]
    for loaded in (None, "model.onnx"):
        with pytest.raises(UnsafeModelError, match=r"features/model\.onnx is refused"):
            inspection.check(folder, loaded)
    inspection.check(folder, "saved_model.pb")


@pytest.mark.parametrize("content", [b"", b"not a protobuf", b"\x0a"])
def test_what_is_no_onnx_is_an_error(content, tmp_path):
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ExportError, match="is damaged"):
        export.inspect(tmp_path)


@pytest.mark.parametrize("name", [b"Relu", b"batch", b"graph", b"x"])
def test_names_that_are_no_text_end_in_an_error(name, tmp_path):
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    folder = write_onnx(tmp_path, nodes)
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content.replace(name, b"\xff" * len(name)))
    with pytest.raises(ExportError, match="a name in it is no text"):
        export.inspect(folder)


def test_nested_messages_end_in_an_error(tmp_path):
    model = onnx.ModelProto()
    graph = model.graph
    for _ in range(60):
        graph = graph.node.add(op_type="If").attribute.add(name="b").g
    folder = write_onnx(tmp_path, [])
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ExportError, match="is damaged"):
        export.inspect(folder)


# LiteRT


def write_litert(folder, function, spec, kinds):
    save(folder / "saved", function, spec)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved"))
    converter.target_spec.supported_ops = kinds
    (folder / "model.tflite").write_bytes(converter.convert())
    return folder / "model.tflite"


@pytest.mark.slow
def test_litert_with_its_own_operators_is_allowed(tmp_path):
    kinds = [tf.lite.OpsSet.TFLITE_BUILTINS]
    path = write_litert(tmp_path, lambda x: tf.tanh(2 * x), FLOATS, kinds)
    found = only(path)
    assert (found.format, found.refused) == ("litert", ())
    assert found.operators == {"MUL": 1, "TANH": 1}
    shape = {"dtype": "float32", "shape": [None]}
    signature = {"inputs": {"x": shape}, "outputs": {"y": shape}}
    assert found.signatures == {"serving_default": signature}


@pytest.mark.slow
def test_litert_with_operators_of_tensorflow_is_refused(tmp_path):
    kinds = [tf.lite.OpsSet.SELECT_TF_OPS]
    reads = lambda x: tf.io.read_file(x[0])  # noqa: E731
    path = write_litert(tmp_path, reads, STRINGS, kinds)
    assert "FlexReadFile" in only(path).custom
    shutil.rmtree(tmp_path / "saved")
    refused(tmp_path, "it uses FlexReadFile, which is none of LiteRT's own operators")


@pytest.mark.slow
def test_litert_that_is_damaged_is_an_error(tmp_path):
    kinds = [tf.lite.OpsSet.TFLITE_BUILTINS]
    path = write_litert(tmp_path, lambda x: tf.tanh(2 * x), FLOATS, kinds)
    content = path.read_bytes()
    for short in (b"", b"text", content[:8], content[: len(content) // 2]):
        path.write_bytes(short)
        with pytest.raises(ExportError, match="is damaged"):
            export.inspect(path)
    generator = random.Random(0)
    for _ in range(300):
        changed = bytearray(content)
        for _ in range(3):
            changed[generator.randrange(len(changed))] ^= 1 << generator.randrange(8)
        path.write_bytes(changed)
        try:
            export.inspect(path)
        except ExportError as error:
            assert "\n" not in str(error)


# Keras


@keras.saving.register_keras_serializable("mine")
class Mine(keras.layers.Layer):
    def call(self, x):
        return x


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_keras_files_are_listed(suffix, tmp_path):
    x = keras.Input((2,), name="x")
    own = keras.Model(x, Mine()(custom_layers.Dense(2)(keras.layers.ReLU()(x))))
    own.save(tmp_path / f"own{suffix}")
    found = only(tmp_path / f"own{suffix}")
    assert (found.format, found.refused) == ("keras", ())
    assert [name.rpartition(">")[2] for name in found.custom] == ["Mine"]
    assert found.operators["ReLU"] == 1
    keras.Model(x, keras.layers.Lambda(lambda x: x + 1)(x)).save(
        tmp_path / f"code{suffix}"
    )
    found = only(tmp_path / f"code{suffix}")
    assert found.refused[0].startswith("it holds Python code (a Lambda layer)")


@pytest.mark.parametrize("name", ["x.keras", "x.h5"])
@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04"])
def test_keras_files_that_are_none_are_errors(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExportError, match="holds no Keras model|is damaged"):
        export.inspect(tmp_path / name)


def test_keras_files_name_what_they_read(tmp_path):
    layers = [
        {"class_name": "TFSMLayer", "config": {"filepath": "/srv/model"}},
        {"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}},
        {"class_name": "StringLookup", "config": {"vocabulary": ["a", "b"]}},
    ]
    config = {"class_name": "Sequential", "config": {"layers": layers}}
    with zipfile.ZipFile(tmp_path / "x.keras", "w") as file:
        file.writestr("config.json", json.dumps(config))
    found = only(tmp_path / "x.keras")
    assert found.reads == ("/etc/passwd", "/srv/model")
    assert found.refused == ("it runs another SavedModel (a TFSMLayer)",)


def test_an_encrypted_keras_file_is_an_error(tmp_path):
    path = tmp_path / "x.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("config.json", "{}")
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    path.write_bytes(data)
    with pytest.raises(ExportError, match="holds no Keras model .*is encrypted"):
        export.inspect(path)


def test_a_keras_file_that_would_fill_the_memory_is_an_error(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.keras", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", b" " * 2**21)
    with pytest.raises(ExportError, match="unpacks to 2,097,152 bytes, more than 50"):
        export.inspect(tmp_path / "x.keras")


def test_other_files_are_errors(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(ExportError, match="is no model that can be inspected"):
        export.inspect(tmp_path / "model.bin")


@pytest.mark.parametrize("make", [str, lambda path: path])
def test_paths(make, tmp_path):
    for version in ("2", "10"):
        save(tmp_path / "m" / version, tf.square)
    found = only(make(tmp_path / "m"))
    assert found.path == tmp_path / "m/10/saved_model.pb"
    assert only(make(found.path)) == found
    with pytest.raises(ExportError, match="There is no model"):
        export.inspect(make(tmp_path / "nothing"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        ExportError, match=r"holds neither saved_model\.pb nor ONNX or L"
    ):
        export.inspect(make(tmp_path / "empty"))
