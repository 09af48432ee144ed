"""What optimizers do beyond the shared checks."""

import os
import pickle
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

import custom_layers as cl
from custom_layers import fast
from custom_layers.optimizers import _rows

from .backends import numbers, tensorflow_only

NAMES = ("SGD", "Adagrad", "RMSprop", "Adadelta", "Adam", "AdamW")
# Rules that leave the weights of words alone that are not in the batch.
LOCAL = [
    cl.optimizers.SGD(0.1),
    cl.optimizers.SGD(0.1, clipnorm=0.5),
    cl.optimizers.Adagrad(0.1),
    cl.optimizers.RMSprop(0.1),
    cl.optimizers.RMSprop(0.1, centered=True),
    cl.optimizers.Adadelta(1.0),
    cl.optimizers.PerceptronRule(),
]


def _slices(values, words, size):
    import tensorflow as tf

    values = tf.constant(values, "float32")
    return tf.IndexedSlices(values, tf.constant(words), [size, values.shape[-1]])


@tensorflow_only
@pytest.mark.parametrize("optimizer", LOCAL, ids=lambda o: o.name)
def test_words_that_are_not_in_the_batch_keep_their_weights(optimizer):
    table = np.random.default_rng(1).normal(size=(6, 2)).astype("float32")
    weight = keras.Variable(table)
    for words in ([1, 3, 1], [3, 3, 1]):
        optimizer.apply([_slices(np.ones((3, 2)), words, 6)], [weight])
    unchanged = np.all(numbers(weight) == table, axis=-1)
    assert unchanged.tolist() == [True, False, True, False, True, True]


@tensorflow_only
def test_words_that_are_not_in_the_batch_keep_their_slots():
    weight = keras.Variable(np.ones((4, 2), "float32"))
    optimizer = cl.optimizers.Adagrad(0.1, initial_accumulator_value=0.3)
    optimizer.apply([_slices(np.ones((2, 2)), [1, 1], 4)], [weight])
    slot = numbers(optimizer.variables[-1])
    assert (slot == np.float32(0.3)).all(axis=-1).tolist() == [True, False, True, True]


@tensorflow_only
@pytest.mark.parametrize("clip", ["clipvalue", "clipnorm", "global_clipnorm"])
def test_gradients_of_embeddings_are_clipped(clip):
    ends = []
    for package in (cl.optimizers, keras.optimizers):
        optimizer = package.SGD(0.1, **{clip: 0.5})
        weights = [keras.Variable(np.ones((5, 2), "float32")) for _ in range(2)]
        gradients = [
            _slices([[3.0, -1.0], [0.1, 0.2], [2.0, 2.0]], [4, 0, 4], 5),
            ops.ones((5, 2)),
        ]
        optimizer.apply(gradients, weights)
        ends.append([numbers(w) for w in weights])
    np.testing.assert_allclose(*ends, rtol=1e-6)


@pytest.mark.parametrize("clip", ["value", "norm", "global_norm"])
def test_clipping_keeps_the_place_of_weights_without_a_gradient(clip):
    function = getattr(cl.optimizers, f"clip_by_{clip}")
    first, none = function([ops.array([0.5]), None], 1.0)
    assert (float(first[0]), none) == (0.5, None)
    assert function([None], 1.0) == [None]


@pytest.mark.parametrize("clip", ["value", "norm", "global_norm"])
@pytest.mark.parametrize("limit", [0, -1.0, float("nan")])
def test_a_limit_that_is_none_is_an_error(clip, limit):
    with pytest.raises(ValueError, match=rf"`limit` must be positive.*limit={limit}"):
        getattr(cl.optimizers, f"clip_by_{clip}")([ops.array([1.0])], limit)


def test_an_infinite_gradient_is_not_hidden_by_clipping():
    clipped = cl.optimizers.clip_by_global_norm(
        [ops.array([np.inf]), ops.array([1.0])], 1.0
    )
    assert all(np.isnan(numbers(g)).all() for g in clipped)


def test_zero_gradients_stay_zero():
    for function in (cl.optimizers.clip_by_norm, cl.optimizers.clip_by_global_norm):
        assert numbers(function([ops.zeros(3)], 1.0)[0]).tolist() == [0, 0, 0]


@tensorflow_only
def test_kernels_take_only_what_they_can():
    import tensorflow as tf

    from custom_layers.fast import optimizers as kernels

    weight, half = keras.Variable([1.0]), keras.Variable([1.0], dtype="float16")
    assert kernels._serves(tf.ones(1), weight, weight)
    assert not kernels._serves(tf.ones(1), weight, half)
    assert not kernels._serves(tf.ones(1, "float16"), half)
    rows = _slices([[1.0], [2.0]], [0, 0], 2)
    assert not kernels._serves(rows, weight)
    assert _rows.plus(tf.ones((2, 1)), rows).numpy().tolist() == [[4.0], [1.0]]
    assert kernels._rounds_well(0.9, tf.ones(1))
    assert not kernels._rounds_well(0.999, tf.ones(1))
    assert kernels._rounds_well(0.999, tf.ones(1, "float64"))


VARIANTS = [
    *((name, {}) for name in NAMES),
    ("SGD", {"momentum": 0.9}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"momentum": 0.9}),
    ("RMSprop", {"momentum": 0.9, "centered": True}),
    ("Adam", {"amsgrad": True}),
]


@tensorflow_only
@pytest.mark.parametrize(("name", "options"), VARIANTS)
def test_kernels_do_what_the_portable_form_does(name, options, monkeypatch):
    ends = []
    for has_kernels in (True, False):
        if not has_kernels:
            monkeypatch.setattr(fast, "TABLE", fast.NEEDED)
        optimizer = getattr(cl.optimizers, name)(0.1, **options)
        # Two weights of one shape, which may share what the kernels scribble on.
        weights = [keras.Variable(x) for x in ([1.0, -2.0], [0.5, 3.0], [[4.0]])]
        for step in (1.0, -0.3, 2.0):
            gradients = [ops.sin(step * ops.convert_to_tensor(w)) for w in weights]
            optimizer.apply(gradients, weights)
        ends.append([numbers(x).ravel() for x in weights + optimizer.variables])
    for kernel, portable in zip(*ends, strict=True):
        np.testing.assert_allclose(kernel, portable, rtol=5e-5, atol=1e-7)


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9999, 1.0])
def test_adam_keeps_any_share_as_its_namesake_does(beta):
    ends = []
    for package in (cl.optimizers, keras.optimizers):
        optimizer = package.Adam(0.1, beta_1=0.5, beta_2=beta)
        weight = keras.Variable([1.0, -2.0])
        for gradient in ([1.0, 2.0], [-0.5, 3.0], [2.0, 0.1]):
            optimizer.apply([ops.array(gradient)], [weight])
        ends.append(numbers(weight))
    np.testing.assert_allclose(*ends, rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_schedules_and_functions_set_the_rate(name):
    for rate in (
        lambda: keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5),
        lambda: lambda: 0.03,
    ):
        ends = []
        for package in (cl.optimizers, keras.optimizers):
            optimizer, weight = getattr(package, name)(rate()), keras.Variable([1.0])
            for gradient in (1.0, -0.5, 2.0):
                optimizer.apply([ops.array([gradient])], [weight])
            ends.append(numbers(weight))
        np.testing.assert_allclose(*ends, rtol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_rate_can_be_changed(name):
    ends = []
    for package in (cl.optimizers, keras.optimizers):
        optimizer, weight = getattr(package, name)(0.1), keras.Variable([1.0])
        optimizer.apply([ops.array([1.0])], [weight])
        optimizer.learning_rate = 0.5
        optimizer.apply([ops.array([1.0])], [weight])
        ends.append(numbers(weight))
    np.testing.assert_allclose(*ends, rtol=1e-6)


@pytest.mark.parametrize("name", [*NAMES, "PerceptronRule"])
def test_optimizers_can_be_pickled(name):
    optimizer = getattr(cl.optimizers, name)(0.25, clipnorm=2.0)
    copy = pickle.loads(pickle.dumps(optimizer))
    assert copy.get_config() == optimizer.get_config()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_loss_scaling_takes_our_optimizers(name):
    x = np.random.default_rng(1).normal(size=(8, 3)).astype("float32")
    ends = []
    for package in (cl.optimizers, keras.optimizers):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.set_weights([np.ones((3, 1)), np.zeros(1)])
        inner = getattr(package, name)(0.01)
        scaled = keras.optimizers.LossScaleOptimizer(inner, initial_scale=8.0)
        model.compile(scaled, "mse", jit_compile=False)
        model.fit(x, x[:, :1], batch_size=4, epochs=2, shuffle=False, verbose=0)
        ends.append(model.get_weights()[0])
    np.testing.assert_allclose(*ends, rtol=1e-5)


def test_weights_can_be_spared_from_decay():
    weights = [keras.Variable([1.0], name=name) for name in ("kernel", "bias")]
    optimizer = cl.optimizers.AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply([ops.zeros(1), ops.zeros(1)], weights)
    found = np.ravel([numbers(weight) for weight in weights])
    np.testing.assert_allclose(found, [0.95, 1.0], rtol=1e-6)


def test_decay_must_be_given():
    with pytest.raises(ValueError, match=r"`weight_decay` must be a float.*=None"):
        cl.optimizers.AdamW(weight_decay=None)


def test_shared_arguments_can_be_given_by_position():
    optimizer = cl.optimizers.SGD(0.1, 0.9, True, 0.01, 2.0)
    assert (optimizer.weight_decay, optimizer.clipnorm) == (0.01, 2.0)
    with pytest.raises(TypeError, match="too many positional"):
        cl.optimizers.PerceptronRule(*range(20))
    with pytest.raises(ValueError, match="not recognized.*speed"):
        cl.optimizers.SGD(0.1, speed=3)


def _criterion(y_true, y_pred):
    """The perceptron criterion, for which a score of zero is wrong."""
    margin = y_true * y_pred
    return ops.where(margin <= 0, -margin, 0.0)


@pytest.mark.slow
def test_the_perceptron_rule_separates_what_can_be_separated():
    """With at most (longest sample / margin)^2 corrections, and none after them."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60, 2)).astype("float32")
    teacher = np.array([0.6, -0.8])
    x = x[np.abs(x @ teacher) > 0.3]
    y = np.sign(x @ teacher)[:, None].astype("float32")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([np.zeros((2, 1))])
    model.compile(cl.optimizers.PerceptronRule(), _criterion)
    model.fit(x, y, batch_size=1, epochs=15, shuffle=False, verbose=0)
    assert (np.sign(model.predict(x, verbose=0)) == y).all()
    weights, corrections = _rosenblatt(x, y)
    bound = np.max(np.sum(x**2, axis=-1)) / np.min(np.abs(x @ teacher)) ** 2
    assert 3 < corrections <= bound
    np.testing.assert_allclose(model.get_weights()[0][:, 0], weights, rtol=1e-5)


def _rosenblatt(x, y):
    """The rule as it was written: by the answer of the machine, not a gradient."""
    weights, corrections = np.zeros(x.shape[-1]), 0
    for _ in range(15):
        for sample, target in zip(x, y[:, 0], strict=True):
            score = sample @ weights
            answer = np.sign(score) if score else -target
            weights = weights + (target - answer) / 2 * sample
            corrections += answer != target
    return weights, corrections


_MIRRORED = """
import numpy as np
import tensorflow as tf

devices = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], devices
)
import keras
import custom_layers as cl
from tests.custom_layers import rows


def fit(make):
    words = keras.Input((4,), dtype="int32")
    x = keras.layers.Flatten()(cl.Embedding(6, 2)(words))
    model = keras.Model(words, cl.Dense(2)(x))
    rng = np.random.default_rng(1)
    model.set_weights([rng.normal(size=w.shape) for w in model.get_weights()])
    model.compile(make(), "mse", jit_compile=False)
    data = rng.integers(0, 5, size=(16, 4)), rng.normal(size=(16, 2))
    model.fit(*data, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return model.get_weights()


for row in rows.OPTIMIZERS:
    if row.peer is None or row.oracle is None:
        continue
    ends = []
    for make in (row.make, row.make_peer):
        with tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope():
            ends.append(fit(make))
    for a, b in zip(*ends, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5, err_msg=row.title)
print("alike")
"""


@tensorflow_only
@pytest.mark.slow
def test_two_mirrored_devices_learn_what_the_namesake_learns():
    process = subprocess.run(
        [sys.executable, "-c", _MIRRORED],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=Path(cl.__file__).parents[1],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert process.stdout.endswith("alike\n"), process.stderr[-2000:]
