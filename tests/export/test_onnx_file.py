"""The file itself: its names, axes, properties, and the same bytes each time."""

import copy
import hashlib
import json
import subprocess
import sys

import keras
import numpy as np
import onnx
import onnxruntime
import psutil
import pytest
import tf2onnx
from keras import layers, ops

import custom_layers
import export
import zoo
from export import ExportError, parity
from export.calling import untraceable
from export.formats import find_format
from export.onnx_conversion import conversion
from export.onnx_conversion.hashing import weights_sha256
from export.onnx_conversion.reference_data import write_reference_data
from export.signature import NAME, signature_of

from .onnx_models import all_constants, nodes, operators, run, written


def _small():
    keras.utils.set_random_seed(0)
    x = keras.Input((None, 3), name="series")
    y = custom_layers.Bidirectional(custom_layers.GRU(4, return_sequences=True))(x)
    return keras.Model(x, layers.TimeDistributed(layers.Dense(2, "relu"), name="y")(y))


def _sizes(tensor):
    return [
        each.dim_param or each.dim_value for each in tensor.type.tensor_type.shape.dim
    ]


def _axes(model, folder):
    graph = written(model, folder).graph
    return {each.name: _sizes(each) for each in (*graph.input, *graph.output)}


def test_axes_of_a_sequence(tmp_path):
    assert _axes(_small(), tmp_path) == {
        "series": ["batch", "time", 3],
        "y": ["batch", "time", 2],
    }


def test_an_axis_of_another_size_is_not_called_time(tmp_path):
    x = keras.Input((None, 3), name="x")
    outputs = {
        "shorter": layers.Conv1D(2, 3)(x),
        "scores": ops.matmul(x, ops.transpose(x, (0, 2, 1))),
        "rows": layers.Lambda(
            lambda x: ops.reshape(x, (-1, 3)), output_shape=lambda shape: (None, 3)
        )(x),
    }
    assert _axes(keras.Model(x, outputs), tmp_path) == {
        "x": ["batch", "time", 3],
        "shorter": ["batch", "shorter_1", 2],
        "scores": ["batch", "time", "time"],
        "rows": ["rows_0", 3],
    }


def test_axes_of_an_image(tmp_path):
    x = keras.Input((None, None, 3), name="image")
    outputs = {
        "same": layers.Conv2D(2, 3, padding="same")(x),
        "half": layers.MaxPooling2D(2, padding="same")(x),
    }
    assert _axes(keras.Model(x, outputs), tmp_path) == {
        "image": ["batch", "height", "width", 3],
        "same": ["batch", "height", "width", 2],
        "half": ["batch", "half_1", "half_2", 3],
    }


def test_axes_of_a_volume_have_no_wrong_name(tmp_path):
    x = keras.Input((None, None, None, 2), name="x")
    model = keras.Model(x, layers.GlobalMaxPooling3D(name="y")(x))
    assert _axes(model, tmp_path)["x"] == ["batch", "x_1", "x_2", "x_3", 2]


def test_properties(tmp_path):
    model = written(_small(), tmp_path)
    found = {each.key: each.value for each in model.metadata_props}
    assert found["name"] == "model"
    signature = json.loads(found["signature"])
    assert (signature["inputs"], signature["outputs"]) == (
        {"series": {"dtype": "float32", "shape": [None, None, 3]}},
        {"y": {"dtype": "float32", "shape": [None, None, 2]}},
    )
    digest = hashlib.sha256()
    for each in model.graph.initializer:
        kind = onnx.TensorProto.DataType.Name(each.data_type)
        digest.update(json.dumps([each.name, kind, list(each.dims)]).encode())
        digest.update(each.raw_data)
    assert found["weights_sha256"] == digest.hexdigest()


@pytest.mark.slow
def test_the_hash_is_of_the_weights(tmp_path):
    def hashed():
        props = written(model, tmp_path).metadata_props
        return next(each.value for each in props if each.key == "weights_sha256")

    model = _small()
    before = hashed()
    model.layers[-1].layer.bias.assign([0.0, 1e-7])
    assert hashed() != before


def test_the_hash_of_strings(tmp_path):
    def hashed(word):
        tensor = onnx.numpy_helper.from_array(np.array([word], object), "words")
        graph = onnx.helper.make_graph([], "graph", [], [], [tensor])
        return weights_sha256(onnx.helper.make_model(graph))

    assert hashed("é") == hashed("é") != hashed("e")


def test_names_tell_operators_and_their_inputs(tmp_path):
    graph = written(_small(), tmp_path).graph
    names = {each.name for each in graph.initializer}
    assert {"GRU_0_W", "GRU_0_R", "GRU_0_B", "GRU_1_W"} <= names
    assert {"GRU_0", "GRU_1", "MatMul_0"} <= {n.name for n in graph.node}


def test_no_dead_or_constant_nodes(tmp_path):
    q = keras.Input((None, 8), name="q")
    model = keras.Model(q, layers.MultiHeadAttention(2, 4)(q, q))
    found = written(model, tmp_path)
    read = {name for node in nodes(found.graph) for name in node.input}
    kept = read | {each.name for each in found.graph.output}
    assert all(set(node.output) & kept for node in nodes(found.graph))
    assert {each.name for each in found.graph.initializer} <= read
    assert not list(all_constants(found.graph))
    assert "Identity" not in operators(found)


def test_outputs_of_an_operator_that_nobody_reads_are_left_out(tmp_path):
    x = keras.Input((5, 3), name="x")
    found = written(keras.Model(x, layers.LSTM(2)(x)), tmp_path)
    (lstm,) = (node for node in found.graph.node if node.op_type == "LSTM")
    assert lstm.output[0] == "" and len(lstm.output) == 2
    assert len(lstm.input) == 4


@pytest.mark.slow
@pytest.mark.parametrize("opset", [13, 15, 17, 18])
def test_opsets(opset, tmp_path):
    keras.utils.set_random_seed(0)
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(9, 3, mask_zero=True)(ids)
    x = layers.LayerNormalization()(custom_layers.LSTM(4)(x))
    model = keras.Model(ids, ops.gelu(x, approximate=False))
    signature = signature_of(model)
    find_format("onnx", opset=opset).write({NAME: signature}, tmp_path, {})
    found = onnx.load(tmp_path / "model.onnx")
    assert {each.domain: each.version for each in found.opset_import} == {"": opset}
    inputs = {"ids": np.array([[1, 0, 2], [0, 0, 0], [3, 4, 0]], "int32")}
    (got,) = run(found, inputs)
    np.testing.assert_allclose(got, model(inputs["ids"]), atol=1e-5)


@pytest.mark.parametrize("opset", [12, 19])
def test_other_opsets_are_refused(opset):
    with pytest.raises(
        ExportError, match=f"`opset` must be 13 to 18. Received: {opset}"
    ):
        find_format("onnx", opset=opset)


def _bytes(model, folder):
    written(model, folder)
    return (folder / "model.onnx").read_bytes()


def _with_a_loop():
    keras.utils.set_random_seed(0)
    ids = keras.Input((None,), dtype="int32", name="ids")
    x = layers.Embedding(9, 3, mask_zero=True)(ids)
    x = layers.GRU(4, activation="gelu", return_sequences=True)(x)
    x = layers.LayerNormalization()(x)
    x = layers.MultiHeadAttention(2, 4)(x, x)
    return keras.Model(ids, layers.Dense(2, name="y")(x))


@pytest.mark.slow
@pytest.mark.parametrize(
    "build", [_small, pytest.param(_with_a_loop, marks=pytest.mark.slow)]
)
def test_the_same_weights_give_the_same_bytes(build, tmp_path):
    """Also of a model built again, whose layers Keras counts up."""
    model = build()
    first = _bytes(model, tmp_path)
    assert _bytes(model, tmp_path) == first
    assert _bytes(build(), tmp_path) == first


@pytest.mark.slow
def test_each_process_gives_the_same_bytes(tmp_path):
    """Whatever order Python has sets of strings in."""
    code = (
        "import hashlib, sys, keras, zoo; from pathlib import Path;"
        "from tests.export import test_onnx_file as tests;"
        "models = [tests._small(), tests._with_a_loop()];"
        "names = ['resnet8', 'tagger', 'word2vec_cbow'];"
        "keras.utils.set_random_seed(0); models += map(zoo.create_model, names);"
        "written = [tests._bytes(each, Path(sys.argv[1])) for each in models];"
        "print([hashlib.sha256(each).hexdigest() for each in written])"
    )
    hashes = [
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)],
            env={"PYTHONHASHSEED": seed, "KERAS_BACKEND": "tensorflow", **_path()},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert hashes[0] == hashes[1]


def _path():
    return {"PYTHONPATH": ":".join(filter(None, sys.path)), "TF_CPP_MIN_LOG_LEVEL": "3"}


@pytest.fixture
def reference(tmp_path):
    signatures = {NAME: signature_of(zoo.create_model("text_gru"))}
    find_format("onnx").write(signatures, tmp_path, {})
    pairs = parity.compute_reference(signatures)[NAME]
    write_reference_data(tmp_path / "model.onnx", pairs)
    return pairs


def test_reference_data(reference, tmp_path):
    def read(path):
        tensor = onnx.TensorProto.FromString((tmp_path / path).read_bytes())
        return tensor.name, onnx.numpy_helper.to_array(tensor)

    model = onnx.load(tmp_path / "model.onnx")
    for i, (inputs, outputs) in enumerate(reference):
        for kind, arrays in (("input", inputs), ("output", outputs)):
            (value,) = getattr(model.graph, kind)
            name, array = read(f"test_data_set_{i}/{kind}_0.pb")
            assert name == value.name
            np.testing.assert_array_equal(array, arrays[name])
            assert array.dtype == arrays[name].dtype
    assert {path.name for path in tmp_path.iterdir()} == {
        *("model.onnx", "test_data_set_0", "test_data_set_1")
    }


def test_reference_data_of_strings(tmp_path):
    x = keras.Input((2,), dtype="string", name="words")
    model = keras.Model(x, layers.StringLookup(vocabulary=["é"], name="ids")(x))
    written(model, tmp_path)
    words = np.array([["é", "unheard-of"]])
    pairs = [({"words": words}, {"ids": np.array([[1, 0]])})]
    write_reference_data(tmp_path / "model.onnx", pairs)
    path = tmp_path / "test_data_set_0" / "input_0.pb"
    tensor = onnx.TensorProto.FromString(path.read_bytes())
    assert [each.decode() for each in tensor.string_data] == ["é", "unheard-of"]
    (ids,) = run(onnx.load(tmp_path / "model.onnx"), {"words": words})
    np.testing.assert_array_equal(ids, [[1, 0]])


def test_an_artifact_has_the_reference_beside_each_onnx_file(tmp_path):
    artifact = export.export_model("mlp.iris", tmp_path).path
    files = sorted(artifact.rglob("model.onnx"))
    assert len(files) > 2
    for file in files:
        session = onnxruntime.InferenceSession(file)
        folders = sorted(file.parent.glob("test_data_set_*"))
        # 1 and 7 samples that are drawn, 7 of its own data, which `names` has none of.
        assert len(folders) == (2 if file.parent.name == "names" else 3)
        for folder in folders:
            inputs, outputs = (
                [_read(path) for path in sorted(folder.glob(f"{kind}_*.pb"))]
                for kind in ("input", "output")
            )
            names = [each.name for each in session.get_inputs()]
            found = session.run(None, dict(zip(names, inputs, strict=True)))
            for got, want in zip(found, outputs, strict=True):
                if want.dtype == object:
                    assert got.tolist() == want.tolist()
                else:
                    np.testing.assert_allclose(got, want, atol=1e-5)


def _read(path):
    return onnx.numpy_helper.to_array(onnx.load_tensor(path))


def test_no_pass_of_the_optimizer_copies_the_weights(tmp_path, monkeypatch):
    copied, original = [], copy.deepcopy

    def counting(value, *arguments):
        if type(value).__name__ == "Graph":
            copied.append(value)
        return original(value, *arguments)

    monkeypatch.setattr(copy, "deepcopy", counting)
    export.export_model("mlp.iris", tmp_path, formats=["onnx"])
    assert not copied


def test_weights_that_each_pass_writes_anew_are_freed():
    weights = np.ones(5_000_000, "float32")
    process = psutil.Process()
    with conversion._with_fresh_messages():
        node = tf2onnx.graph.Graph([]).make_const("weights", weights)
        before = process.memory_info().rss
        for _ in range(20):
            node.update_proto()
        grown = process.memory_info().rss - before
    assert grown < 8 * weights.nbytes
    (found,) = node.op.attribute
    np.testing.assert_array_equal(onnx.numpy_helper.to_array(found.t), weights)


def test_what_keras_says_of_a_call_begins_with_its_reason():
    said = (
        "Exception encountered when calling A.call().\n\n\x1b[1mplaces: 5. Less\x1b[0m"
    )
    said += "\n\nArguments received by A.call():\n  - x=1"
    model = keras.Sequential(name="m")
    assert "(ValueError: places: 5. Less);" in str(untraceable(model, ValueError(said)))
