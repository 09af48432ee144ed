"""Models whose Python code takes another way at some size of their inputs."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import export
from export import ExportError

REFUSED, PUBLISHED = {}, {}


def otherwise(pattern):
    """Registers code that answers otherwise at a size, which a line names."""

    def register(code):
        REFUSED[code.__name__] = code, pattern
        return code

    return register


def alike(code):
    """Registers code that asks for sizes, and answers as its graph does."""
    PUBLISHED[code.__name__] = code
    return code


@otherwise(r"batches of 8 .*\(test_branches\.py, line \d+\)")
def equals_a_number(x):
    return x * 2 if x.shape[0] == 8 else x


@otherwise("batches of 9 ")
def on_the_other_side_of_the_comparison(x):
    limit = 8.5
    return x * 2 if x.shape[0] and limit < x.shape[0] and x.shape[0] < 12 else x


@otherwise("batches of 300 ")
def after_unpacking(x):
    rows, _ = x.shape
    return x * 2 if rows == 300 else x


@otherwise("batches of 128 ")
def behind_another_condition(x):
    rows = x.shape[0]
    if rows and rows > 100 and rows == 128:
        return x * 2
    return x


@otherwise("batches of 3 ")
def remainder(x):
    return x * 2 if x.shape[0] and x.shape[0] % 10 == 3 else x


@otherwise("batches of 203 ")
def quotient(x):
    return x * 2 if x.shape[0] and x.shape[0] / 4 > 50.5 else x


@otherwise("batches of 131072 ")
def large(x):
    return x * 2 if x.shape[0] and x.shape[0] > 100_000 else x


@otherwise("batches of 8 ")
def one_of_several(x):
    return x * 2 if x.shape[0] in (8, 16) else x


@otherwise("batches of 8 ")
def a_key(x):
    return x * {8: 2.0}.get(x.shape[0], 1.0)


@otherwise("batches of 5 ")
def an_index(x):
    return x * [1.0, 1.0, 1.0, 1.0, 1.0, 2.0][(x.shape[0] or 1) % 6]


@otherwise("batches of 8 ")
def the_shape(x):
    return x * 2 if x.shape == (8, 3) else x


@otherwise("batches of 8 ")
def the_shape_as_a_list(x):
    return x * 2 if x.shape.as_list() == [8, 3] else x


@otherwise("batches of 8 ")
def the_shape_as_a_tuple(x):
    return x * 2 if tuple(x.shape) == (8, 3) else x


@otherwise("batches of 8 ")
def the_number_of_elements(x):
    return x * 2 if x.shape.num_elements() == 24 else x


@otherwise("batches of 16 ")
def a_known_shape(x):
    return x * 2 if x.shape.is_fully_defined() and x.shape[0] == 16 else x


@otherwise("batches of 5 ")
def on_another_axis(x):
    columns = tf.transpose(x)
    return tf.transpose(columns * 2 if columns.shape[1] == 5 else columns)


@otherwise("batches of 15 ")
def rows_and_steps_in_one_axis(x):
    flat = tf.reshape(x, (-1,))
    return x * 2 if flat.shape[0] == 45 else x


@otherwise("batches of 16 ")
def the_larger_of_two(x):
    return x * float(max(x.shape[0] or 0, 9)) / 9.0


@otherwise("batches of 8 ")
def the_length(x):
    try:
        rows = len(x)
    except TypeError:  # of a graph
        rows = 0
    return x * 2 if rows == 8 else x


@otherwise("batches of 8 ")
def without_a_graph(x):
    return x * 2 if tf.executing_eagerly() and int(tf.shape(x)[0]) == 8 else x


@otherwise("batches of 13 ")
def the_type_of_a_size(x):
    rows = ops.shape(x)[0]
    return x * 2 if isinstance(rows, int) and rows == 13 else x


@otherwise("batches of 8 .*function 'in_a_function'")
@tf.function
def in_a_function(x):
    return x * 2 if x.shape[0] == 8 else x


REFUSED = {
    getattr(code, "__name__", None) or code.python_function.__name__: (code, pattern)
    for code, pattern in REFUSED.values()
}


@alike
def a_condition_of_the_graph(x):
    return ops.cond(ops.shape(x)[0] == 8, lambda: x * 2, lambda: x + 0.0)


@alike
def the_size_alone(x):
    _rows, columns = x.shape
    return x * columns


@alike
def parts_of_large_batches(x):
    if x.shape[0] and x.shape[0] > 4:
        return ops.concatenate([x[:4], x[4:]])
    return x + 0.0


@alike
def shapes_of_keras(x):
    rows = ops.shape(x)[0]
    return ops.reshape(ops.reshape(x, (rows, -1, 1)), (rows, 3))


class Called(keras.Model):
    """Calls a function on what a layer gives."""

    def __init__(self, code):
        super().__init__()
        self.code, self.dense = code, layers.Dense(3)

    def call(self, x):
        return self.code(self.dense(x))


def called(code):
    model = Called(code)
    model(np.zeros((2, 4), "float32"))
    return model


def publish(model, folder, **options):
    return export.export_model(
        model, folder, name="m", formats=("saved_model",), **options
    )


@pytest.mark.parametrize("name", REFUSED)
def test_a_model_that_answers_a_size_otherwise_is_refused(name, tmp_path):
    code, pattern = REFUSED[name]
    with pytest.raises(ExportError, match=f"answers {pattern}") as caught:
        publish(called(code), tmp_path)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_model_that_asks_and_answers_alike_is_published(name, tmp_path):
    model = called(PUBLISHED[name])
    artifact = publish(model, tmp_path)
    function = tf.saved_model.load(str(artifact.path)).signatures["serving_default"]
    for rows in (1, 4, 8, 33):
        x = np.random.default_rng(rows).normal(size=(rows, 4)).astype("float32")
        (output,) = function(tf.constant(x)).values()
        np.testing.assert_allclose(output, model(x), atol=1e-5)


def test_a_function_of_a_layer(tmp_path):
    def doubled(x):
        return x * 2 if x.shape[0] == 8 else x

    x = keras.Input((4,))
    with pytest.raises(ExportError, match="batches of 8 "):
        publish(keras.Model(x, layers.Lambda(doubled)(x)), tmp_path)
    with pytest.raises(ExportError, match="batches of 8 "):
        publish(keras.Model(x, layers.Dense(3, activation=doubled)(x)), tmp_path)


def test_a_number_of_steps(tmp_path):
    x = keras.Input((None, 3))
    y = layers.Lambda(lambda x: x * 2 if x.shape[1] == 10 else x)(x)
    with pytest.raises(ExportError, match="inputs with 10 steps "):
        publish(keras.Model(x, y), tmp_path)


def test_samples_of_the_user(tmp_path):
    sample = np.ones((3, 4), "float32")
    with pytest.raises(ExportError, match="batches of 300 "):
        publish(called(after_unpacking), tmp_path, sample=sample)


def test_a_fixed_batch_is_the_only_one(tmp_path):
    x = keras.Input(batch_shape=(8, 4))
    y = layers.Lambda(lambda x: x * 2 if x.shape[0] == 8 else x)(x)
    artifact = publish(keras.Model(x, y), tmp_path)
    shape = artifact.manifest["signatures"]["serving_default"]["inputs"]["inputs"]
    assert shape["shape"][0] == 8


def test_sizes_that_are_too_large_to_compare_are_said(tmp_path, capsys):
    x = keras.Input((100, 100, 3))
    y = layers.Lambda(lambda x: x * 2 if (x.shape[0] or 0) > 999 else x)(x)
    publish(keras.Model(x, layers.GlobalMaxPooling2D()(y)), tmp_path)
    said = capsys.readouterr().err
    assert "treats batches of 1000 in a way of their own" in said.replace("\n", " ")


def test_sizes_that_the_model_refuses_are_said(tmp_path, capsys):
    def checked(x):
        if x.shape[0] and x.shape[0] > 64:
            raise ValueError("64 rows at most")
        return x

    publish(called(checked), tmp_path)
    assert "does not take batches of 65" in capsys.readouterr().err.replace("\n", " ")


def test_functions_of_the_model_keep_no_graph_of_the_export(tmp_path):
    function = tf.function(lambda x: x * 1.0 if x.shape[0] else x * 3.0)
    model = called(function)
    with pytest.raises(ExportError, match="function '<lambda>'"):
        publish(model, tmp_path)
    (x,) = np.random.default_rng(0).normal(size=(1, 5, 4)).astype("float32")
    np.testing.assert_allclose(model(x), model.dense(x))
