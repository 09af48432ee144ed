"""LiteRT models: batches, samples, threads, and what the interpreter must not get."""

import concurrent.futures
import sys

import numpy as np
import pytest
import tensorflow as tf

from serving.engines import Traits, load_engine
from serving.errors import Code, ServingError, StatusError

NAME = "serving_default"


def convert(folder, function, *specs):
    """Writes `{"y": function(...)}`, whose inputs are called `a`, `b`, ..."""
    module = tf.Module()
    named = [
        tf.TensorSpec(spec.shape, spec.dtype, name)
        for name, spec in zip("ab", specs, strict=False)
    ]
    module.serve = tf.function(
        lambda *args: {"y": function(*args)}, input_signature=named
    )
    tf.saved_model.save(module, str(folder / "saved"), signatures=module.serve)
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(folder / "saved"), signature_keys=[NAME]
    )
    (folder / "model.tflite").write_bytes(converter.convert())
    return load_engine(folder, "litert")


def floats(*shape):
    return tf.TensorSpec(shape, tf.float32)


@pytest.fixture(scope="module")
def dense(tmp_path_factory):
    weights = np.float32([[1, 2], [3, 4]])
    return convert(
        tmp_path_factory.mktemp("dense"),
        lambda a: a @ tf.constant(weights),
        floats(None, 2),
    )


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            np.zeros((1, 3), "f"),
            r"'a' has the shape \[1, 3\], the model takes \[None, 2",
        ),
        (np.zeros(2, "f"), r"'a' has the shape \[2\]"),
        (np.zeros((0, 2), "f"), "'a' has size 0 at axis 0"),
        (
            np.zeros((1, 2), np.int32),
            "Got value of type INT32 but expected type FLOAT32",
        ),
    ],
)
def test_what_it_refuses_leaves_it_usable(dense, array, message):
    with pytest.raises(StatusError, match=message) as caught:
        dense.predict(NAME, {"a": array})
    assert caught.value.code is Code.INVALID_ARGUMENT
    assert "\n" not in str(caught.value)
    outputs = dense.predict(NAME, {"a": np.float32([[1, 1]])})
    assert outputs["y"].tolist() == [[4, 6]]


def test_threads_get_interpreters_of_their_own(dense):
    def ask(factor):
        return dense.predict(NAME, {"a": np.full((factor % 5 + 1, 2), factor, "f")})[
            "y"
        ]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for factor, y in enumerate(pool.map(ask, range(200))):
            np.testing.assert_array_equal(
                y, np.full((factor % 5 + 1, 1), factor) * [4, 6]
            )


@pytest.mark.slow
def test_a_model_for_one_sample_takes_batches(tmp_path):
    engine = convert(tmp_path, lambda a, b: a + b, floats(1, 2), floats(1, 2))
    signature = engine.signatures[NAME]
    assert signature.inputs["a"].shape == signature.outputs["y"].shape == (None, 2)
    a = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert engine.predict(NAME, {"a": a, "b": a})["y"].tolist() == (2 * a).tolist()
    with pytest.raises(StatusError, match=r"different batch sizes: \[1, 3\]"):
        engine.predict(NAME, {"a": a, "b": a[:1]})


@pytest.mark.slow
def test_loops_are_found(dense, tmp_path):
    looping = convert(
        tmp_path,
        lambda a: tf.while_loop(lambda x: tf.reduce_max(x) < 9, lambda x: [2 * x], [a])[
            0
        ],
        floats(1),
    )
    assert looping.traits(NAME) == Traits(True, False)
    assert dense.traits(NAME) == Traits(False, False)


def test_without_its_library_it_says_what_to_install(dense, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(
        ServingError, match=r"pip install 'keras-serving-zoo\[litert\]'"
    ):
        load_engine(dense._path.parent, "litert")
