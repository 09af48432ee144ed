"""`convert`: a model with our classes in the place of Keras', and back."""

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl

from . import rows
from .backends import BACKEND, flat, numbers
from .checks.common import same
from .rows.recurrent import CellRow
from .table import functional, single

RNG = np.random.default_rng(1)
LAYERS = keras.layers


def _module(thing):
    return type(thing).__module__.split(".")[0]


def check_there_and_back(model, *inputs):
    """Three models with equal outputs; returns ours."""
    inputs = list(inputs) if len(inputs) > 1 else inputs[0]
    ours = cl.convert(model)
    back = cl.convert(ours, to="keras")
    expected = [numbers(y) for y in flat(model(inputs))]
    for y, value in zip(flat(ours(inputs)), expected, strict=True):
        same(numbers(y), value, rtol=1e-4, atol=1e-5)
    for y, value in zip(flat(back(inputs)), expected, strict=True):
        np.testing.assert_array_equal(numbers(y), value)
    assert [type(x) for x in back.layers] == [type(x) for x in model.layers]
    names = [[(v.name, v.shape) for v in m.variables] for m in (model, ours, back)]
    assert names[0] == names[1] == names[2]
    return ours


class OfThePeer:
    """A row whose model is built of the namesake."""

    def __init__(self, row):
        self.row = row

    def __getattr__(self, name):
        return getattr(self.row, name)

    def built(self):
        return self.row.built(self.row.peer)


ROWS = [
    row for row in rows.LAYERS if row.peer is not None and not isinstance(row, CellRow)
]


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.title)
def test_every_namesake(row):
    model, batches = functional(OfThePeer(row))
    ours = cl.convert(model)
    kinds = {type(layer) for layer in ours.layers}
    assert row.component in kinds and row.peer not in kinds
    back = cl.convert(ours, to="keras")
    assert row.peer in {type(layer) for layer in back.layers}
    for name, value in model(batches[1]).items():
        if not row.random:
            same(numbers(ours(batches[1])[name]), numbers(value), rtol=1e-4, atol=1e-5)
            same(numbers(back(batches[1])[name]), numbers(value))
    equal_names = [
        [(v.name, v.shape) for v in m.variables] for m in (model, ours, back)
    ]
    assert equal_names[0] == equal_names[1] == equal_names[2]


def _words():
    return RNG.integers(0, 9, size=(4, 6))


@pytest.mark.slow
def test_recurrent_layers_and_what_they_hold():
    model = keras.Sequential(
        [
            keras.Input((6,)),
            LAYERS.Embedding(9, 5, mask_zero=True),
            LAYERS.Bidirectional(LAYERS.LSTM(3, return_sequences=True)),
            LAYERS.RNN([LAYERS.GRUCell(4), LAYERS.LSTMCell(3)], return_sequences=True),
            LAYERS.TimeDistributed(
                keras.Sequential([keras.Input((3,)), LAYERS.Dense(4, "relu")])
            ),
            LAYERS.RNN(
                LAYERS.StackedRNNCells([LAYERS.SimpleRNNCell(3), LAYERS.GRUCell(2)])
            ),
        ]
    )
    ours = check_there_and_back(model, _words())
    parts = [*ours._flatten_layers()]
    strangers = [type(p) for p in parts if _module(p) == "keras"]
    assert set(strangers) <= {keras.Sequential, keras.layers.InputLayer}


def test_shared_layers_nested_models_inputs_and_outputs():
    left, right = keras.Input((5,), name="left"), keras.Input((5,), name="right")
    shared = LAYERS.Dense(4, "tanh", name="shared")
    inner = keras.Sequential(
        [keras.Input((4,)), LAYERS.Dense(3), LAYERS.BatchNormalization()], name="inner"
    )
    a, b = inner(shared(left)), inner(shared(right))
    total = LAYERS.Add()([a, b])
    model = keras.Model(
        {"left": left, "right": right}, [LAYERS.Dense(2)(total), ops.sin(a)], name="two"
    )
    x = RNG.normal(size=(2, 3, 5)).astype("float32")
    ours = check_there_and_back(model, {"left": x[0], "right": x[1]})
    assert ours.name == "two" and len(ours.weights) == len(model.weights)
    assert type(ours.get_layer("shared")) is cl.Dense
    assert type(ours.get_layer("inner").layers[1]) is cl.BatchNormalization
    assert ours.get_layer("inner") is not model.get_layer("inner")


def test_a_file_with_layers_of_keras(tmp_path):
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), LAYERS.Conv2D(3, 3), LAYERS.Flatten(), LAYERS.Dense(2)]
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    x = RNG.normal(size=(2, 8, 8, 1)).astype("float32")
    ours = check_there_and_back(loaded, x)
    ours.save(tmp_path / "ours.keras")
    again = keras.models.load_model(tmp_path / "ours.keras")
    assert [type(layer) for layer in again.layers] == [cl.Conv2D, cl.Flatten, cl.Dense]
    same(numbers(again(x)), numbers(model(x)))


@pytest.mark.slow
def test_a_compiled_model_goes_on_training():
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            LAYERS.Dense(8, "relu"),
            # Keras' own draws otherwise on Torch.
            LAYERS.Dropout(0.0 if BACKEND == "torch" else 0.5),
            LAYERS.Dense(1),
        ]
    )
    model.compile(
        keras.optimizers.Adam(0.01, clipnorm=1.0),
        keras.losses.MeanSquaredError(),
        metrics=["mae", keras.metrics.MeanSquaredError(name="again")],
    )
    x, y = RNG.normal(size=(32, 4)), RNG.normal(size=(32, 1))
    options = {"batch_size": 8, "shuffle": False, "verbose": 0}
    model.fit(x, y, epochs=2, **options)
    ours = cl.convert(model)
    assert type(ours.optimizer) is cl.optimizers.Adam
    assert type(ours.loss) is cl.losses.MeanSquaredError
    assert ours.optimizer.clipnorm == 1.0 and int(ours.optimizer.iterations) == 8
    histories = [m.fit(x, y, epochs=2, **options).history for m in (model, ours)]
    assert histories[0].keys() == histories[1].keys()
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-4)
    for w, v in zip(ours.weights, model.weights, strict=True):
        same(numbers(w), numbers(v), rtol=1e-4, atol=1e-5)
    assert isinstance(cl.convert(ours, to="keras").optimizer, keras.optimizers.Adam)


class Own(keras.layers.Layer):
    """A user's layer, not registered, with a layer of Keras within."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = LAYERS.Dense(3)

    def build(self, shape):
        self.dense.build(shape)

    def call(self, x):
        return 2 * self.dense(x)


class Tripled(LAYERS.Dense):
    def call(self, inputs, training=None):
        return 3 * super().call(inputs)


def test_what_has_no_namesake_keeps_its_class():
    model = keras.Sequential(
        [
            keras.Input((4,)),
            Own(),
            Tripled(3),
            LAYERS.Lambda(lambda x: x + 1),
            LAYERS.Dense(2, kernel_constraint="non_neg"),
            LAYERS.GroupNormalization(1),
        ]
    )
    x = RNG.normal(size=(2, 4)).astype("float32")
    ours = check_there_and_back(model, x)
    expected = [Own, Tripled, LAYERS.Lambda, cl.Dense, LAYERS.GroupNormalization]
    assert [type(layer) for layer in ours.layers] == expected
    assert ours.layers[0] is not model.layers[0]


def test_the_model_stays_as_it_is():
    model = keras.Sequential([keras.Input((4,)), LAYERS.Dense(2)])
    ours = cl.convert(model)
    ours.set_weights([w + 1 for w in ours.get_weights()])
    assert type(model.layers[0]) is LAYERS.Dense
    assert not np.allclose(model.get_weights()[0], ours.get_weights()[0])
    frozen = keras.Sequential([keras.Input((4,)), LAYERS.Dense(2, trainable=False)])
    assert not cl.convert(frozen).layers[0].trainable


class Subclassed(keras.Model):
    def call(self, x):
        return x


def test_refusals():
    with pytest.raises(ValueError, match="'custom_layers' or 'keras'.*to=torch"):
        cl.convert(keras.Sequential([keras.Input((1,))]), to="torch")
    with pytest.raises(ValueError, match="subclassed model.*type Subclassed"):
        cl.convert(Subclassed())
    inner = keras.Sequential([keras.Input((2,)), Subclassed()])
    with pytest.raises(ValueError, match="subclassed model.*type Subclassed"):
        cl.convert(inner)
    model = keras.Sequential([keras.Input((4,)), LAYERS.Dense(2)])
    model.layers[0].enable_lora(1)
    with pytest.raises(ValueError, match="neither quantization nor LoRA"):
        cl.convert(model)


@pytest.mark.parametrize("dtype", ["mixed_float16", "float64"])
def test_double_and_mixed_precision(dtype):
    if (dtype, keras.backend.backend()) == ("float64", "jax"):
        pytest.skip("JAX has no double precision unless it is asked for")
    model = keras.Sequential([keras.Input((4,)), LAYERS.Dense(2, dtype=dtype)])
    ours = cl.convert(model)
    assert ours.layers[0].dtype_policy.name == dtype
    x = single(RNG.normal(size=(2, 4)))
    same(numbers(ours(x)), numbers(model(x)), rtol=1e-3, atol=1e-3)
