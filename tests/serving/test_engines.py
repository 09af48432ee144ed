"""Every registered engine: it runs its artifact, alone and behind a server.

A row of `rows.py` is all that a new engine adds.
"""

import concurrent.futures
import subprocess
import sys

import keras
import numpy as np
import pytest

import custom_layers
import export
import serving
from export.formats import find_format, list_formats
from serving.engines import choose_engine, list_engines, load_engine
from serving.engines.base import Engine
from serving.engines.on_demand import OnDemandEngine
from serving.errors import ServingError, StatusError
from serving.protocol.documents import metadata_document
from serving.protocol.signature_def import SignatureDef, TensorInfo
from zoo.errors import ZooError

from .rows import ROWS

every_engine = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
X = np.float32([1.5, -2.0, 0.25])


def test_every_engine_has_a_row():
    assert sorted(row.name for row in ROWS) == list_engines()


def test_listing_engines_loads_no_libraries():
    assert _loaded("from serving.engines import list_engines; list_engines()") == []


@pytest.mark.slow
@every_engine
def test_an_engine_loads_its_own_library_alone(row, version):
    code = "import pathlib; from serving.engines import load_engine;"
    code += f"load_engine(pathlib.Path({str(version)!r}))"
    assert _loaded(code) == [row.library]


def _loaded(code):
    """Which libraries of engines a fresh process has loaded after running `code`."""
    heavy = {row.library for row in ROWS}
    code += f"\nimport sys; print(*sorted({heavy!r} & set(sys.modules)))"
    command = [sys.executable, "-c", code]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return output.split()


@pytest.fixture
def version(row, tmp_path):
    """A version folder of `y = 3 * x` with the artifact of one engine."""
    folder = tmp_path / "models" / "scale" / "1"
    folder.mkdir(parents=True)
    row.write(folder, 3.0)
    return folder


@every_engine
def test_it_runs_its_artifact(row, version):
    engine = load_engine(version, row.name)
    assert (engine.name, engine.artifact) == (row.name, row.artifact)
    signature = engine.signatures["serving_default"]
    assert isinstance(signature, SignatureDef)
    for name, info in [*signature.inputs.items(), *signature.outputs.items()]:
        tensor_name = info.tensor_name
        assert info == TensorInfo(name, "DT_FLOAT", (None,), tensor_name)
    assert (list(signature.inputs), list(signature.outputs)) == (["x"], ["y"])
    for x in (X, X[:1]):
        outputs = engine.predict("serving_default", {"x": x})
        assert (list(outputs), outputs["y"].dtype) == (["y"], np.float32)
        np.testing.assert_array_equal(outputs["y"], 3 * x)
    engine.close()


@every_engine
def test_it_runs_in_several_threads(row, version):
    engine = load_engine(version, row.name)

    def ask(factor):
        return engine.predict("serving_default", {"x": factor * X})["y"]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for factor, y in enumerate(pool.map(ask, np.arange(64, dtype=np.float32))):
            np.testing.assert_array_equal(y, 3 * factor * X)
    engine.close()


@every_engine
@pytest.mark.parametrize("chosen", ["auto", "by name"])
def test_it_answers_behind_a_server(row, version, chosen):
    name = "auto" if chosen == "auto" else row.name
    with (
        serving.Server(version.parents[1], rest_api_port=0, engine=name) as server,
        serving.Client(server.url) as client,
    ):
        assert f"scale version 1 ({row.name})" in server.describe()[0]
        y = client.predict("scale", {"x": X})["y"]
        np.testing.assert_array_equal(y, 3 * X)
        if row.checks_shapes:
            with pytest.raises(ServingError, match="answered 400"):
                client.predict("scale", {"x": [[1.0]]})
        else:  # as TensorFlow Serving does
            assert client.predict("scale", {"x": [[1.0]]})["y"].tolist() == [[3]]


@every_engine
def test_a_broken_artifact_is_not_served(row, version):
    (version / row.artifact).write_bytes(b"broken")
    server = serving.Server(version.parents[1], rest_api_port=0, engine=row.name)
    with pytest.raises(ServingError, match=r"could be loaded\. scale version 1: "):
        server.start()


@every_engine
def test_what_a_format_writes_is_served(row, tmp_path):
    formats = [n for n in list_formats() if find_format(n).artifact == row.artifact]
    keras.utils.set_random_seed(0)
    features = keras.Input((4,), name="features")
    scores = custom_layers.Dense(2, name="scores")(features)
    model = keras.Model(features, scores, name="linear")
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    for name in formats:
        artifact = export.export_model(model, tmp_path, formats=[name])
        engine = load_engine(artifact.path, row.name)
        outputs = engine.predict("serving_default", {"features": x})
        np.testing.assert_allclose(outputs["scores"], model(x), atol=1e-5)
        engine.close()


def test_the_highest_priority_comes_first(tmp_path):
    for expected in reversed(ROWS):
        (tmp_path / expected.artifact).touch()
        assert choose_engine(tmp_path, "auto").name == expected.name
        for row in ROWS[ROWS.index(expected) :]:
            assert choose_engine(tmp_path, row.name).name == row.name


@every_engine
def test_missing_artifact(row, tmp_path):
    text = f"holds no {row.artifact}, which engine '{row.name}' needs"
    with pytest.raises(ServingError, match=text):
        load_engine(tmp_path, row.name)
    with pytest.raises(ServingError, match=f"holds no .*{row.artifact}"):
        load_engine(tmp_path, "auto")


def test_unknown_engine(tmp_path):
    with pytest.raises(ZooError, match=r"Unknown engine 'torch'\. Known: .*onnx, "):
        load_engine(tmp_path, "torch")
    with pytest.raises(ZooError, match=r"'onx'\. Did you mean onnx"):
        load_engine(tmp_path, "onx")


def test_metadata_is_that_of_the_saved_model(artifacts):
    """Byte for byte what protobuf writes of the file's own signatures."""
    import json

    from google.protobuf import json_format
    from tensorflow.core.protobuf import saved_model_pb2
    from tensorflow_serving.apis import get_model_metadata_pb2

    path = artifacts / "image" / "1"
    engine = load_engine(path, "tensorflow")
    saved_model = saved_model_pb2.SavedModel()
    saved_model.ParseFromString((path / "saved_model.pb").read_bytes())
    expected = get_model_metadata_pb2.SignatureDefMap(
        signature_def={
            name: definition
            for name, definition in saved_model.meta_graphs[0].signature_def.items()
            if name != "__saved_model_init_op"
        }
    )
    document = json.loads(metadata_document("image", 1, engine.signatures))
    ours = json_format.ParseDict(
        document["metadata"]["signature_def"], get_model_metadata_pb2.SignatureDefMap()
    )
    assert sorted(ours.signature_def) == ["logits", "serving_default"]
    assert ours == expected
    engine.close()


def test_saved_model_without_signatures(tmp_path):
    import tensorflow as tf

    tf.saved_model.save(tf.Module(), str(tmp_path))
    with pytest.raises(ServingError, match="has no signatures"):
        load_engine(tmp_path, "tensorflow")


def test_what_the_graph_refuses_is_the_requests_fault(tmp_path):
    import tensorflow as tf

    class Reshape(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
        def predict(self, x):
            return {"y": tf.reshape(x, [-1, 3])}

    module = Reshape()
    tf.saved_model.save(module, str(tmp_path), signatures=module.predict)
    engine = load_engine(tmp_path, "tensorflow")
    with pytest.raises(StatusError) as caught:
        engine.predict("serving_default", {"x": np.zeros(4, np.float32)})
    assert caught.value.http_status == 400
    assert str(caught.value).startswith("Input to reshape is a tensor with 4 values")
    assert "\n" not in str(caught.value)
    engine.close()


class Recorded(Engine):
    """Answers with its name, and notes what it is asked for."""

    name = ""

    def __init__(self, name, signatures):
        self.name, self.asked = name, []
        self.signatures = dict.fromkeys(signatures)

    def predict(self, signature_name, inputs):
        self.asked.append(signature_name)
        return {"by": self.name}

    def predict_jointly(self, signature_names, inputs):
        self.asked.append(tuple(signature_names))
        return {name: {"by": self.name} for name in signature_names}

    def close(self):
        pass


def test_signatures_run_jointly_on_the_engine_that_has_them_all():
    first, second = Recorded("first", "ab"), Recorded("second", "cd")
    others = dict.fromkeys("cd")
    engine = OnDemandEngine(first, "ab", others, Recorded, lambda: second)
    for names in (["a", "b"], ["c", "d"], ["a", "c"]):
        answers = engine.predict_jointly(names, {})
        by = {name: answer["by"] for name, answer in answers.items()}
        assert by == {n: "first" if n in "ab" else "second" for n in names}
    assert first.asked == [("a", "b"), "a"]
    assert second.asked == [("c", "d"), "c"]
