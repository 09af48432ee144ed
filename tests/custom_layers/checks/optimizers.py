"""Checks of optimizers."""

from unittest import mock

import keras
import numpy as np

from custom_layers import fast

from ..backends import compiled_forms, numbers
from .common import check_config_keys, equal, plain, same

STEPS = 7
SHAPES = ((4, 3), (3,), ())


def gradients():
    rng = np.random.default_rng(13)
    return [
        [rng.normal(size=shape).astype("float32") for shape in SHAPES]
        for _ in range(STEPS)
    ]


def variables():
    rng = np.random.default_rng(17)
    return [
        keras.Variable(rng.normal(size=shape).astype("float32"), name=f"w{i}")
        for i, shape in enumerate(SHAPES)
    ]


def run(optimizer, weights, steps):
    for step in steps:
        optimizer.apply([keras.ops.array(g) for g in step], weights)
    return [numbers(w) for w in weights]


def oracle_pairs(row):
    """The weights after some steps, and what they should be."""
    weights = variables()
    starts = [numbers(w).astype("float64") for w in weights]
    ends = run(row.make(), weights, gradients())
    steps = [
        [g.astype("float64") for g in column]
        for column in zip(*gradients(), strict=True)
    ]
    expected = [
        row.oracle(start, column, **row.kwargs)
        for start, column in zip(starts, steps, strict=True)
    ]
    return list(zip(ends, expected, strict=True))


def check_oracle(row):
    for end, expected in oracle_pairs(row):
        same(end, expected, "weights")


def check_namesake(row):
    """The namesake's weights after several steps, and its slots."""
    ours, theirs = row.make(name="optimizer"), row.make_peer(name="optimizer")
    ends = [run(o, variables(), gradients()) for o in (ours, theirs)]
    for a, b in zip(*ends, strict=True):
        same(a, b, "weights")
    slots = [
        [(v.name, tuple(v.shape), v.dtype) for v in o.variables] for o in (ours, theirs)
    ]
    equal(*slots, "slots")
    for a, b in zip(ours.variables, theirs.variables, strict=True):
        same(numbers(a), numbers(b), "slots")
    names = [made.name.rstrip("0123456789_") for made in (row.make(), row.make_peer())]
    equal(*names, "name")


def check_config(row):
    ours = row.make()
    if row.peer is not None:
        theirs = row.make_peer().get_config()
        check_config_keys(ours.get_config(), theirs)
        configs = [config | {"name": ""} for config in (ours.get_config(), theirs)]
        equal(*map(plain, configs), "config")
    copy = row.component.from_config(ours.get_config())
    equal(plain(copy.get_config()), plain(ours.get_config()), "config")
    for a, b in zip(
        *(run(o, variables(), gradients()) for o in (ours, copy)), strict=True
    ):
        same(a, b, "weights")


def check_resuming(row):
    """Saved variables continue a run exactly."""
    whole = run(row.make(), variables(), gradients())
    first, weights = row.make(), variables()
    run(first, weights, gradients()[:3])
    store = {}
    first.save_own_variables(store)
    second, copies = row.make(), variables()
    second.build(copies)
    second.load_own_variables({key: numbers(value) for key, value in store.items()})
    for copy, weight in zip(copies, weights, strict=True):
        copy.assign(weight.value)
    for a, b in zip(run(second, copies, gradients()[3:]), whole, strict=True):
        same(a, b, "weights")


def check_training(row):
    """In `fit`, plain and compiled, ours and the namesake's end alike."""
    ends = []
    peer = row.make if row.peer is None else row.make_peer
    for make, jit in ((row.make, False), (row.make, True), (peer, False)):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        model.set_weights([np.full((3, 2), 0.1), np.zeros(2)])
        model.compile(optimizer=make(), loss="mse", jit_compile=jit)
        x = np.random.default_rng(1).normal(size=(12, 3)).astype("float32")
        model.fit(x, x[:, :2] * 2, batch_size=4, epochs=2, shuffle=False, verbose=0)
        ends.append(model.get_weights())
    for end in ends[:2]:
        for a, b in zip(end, ends[2], strict=True):
            same(a, b, "weights")


def check_low_precision(row):
    """Weights in half precision have slots and steps in half precision."""
    weights = [keras.Variable([1.0, 2.0], dtype="float16")]
    optimizer, peer = row.make(), row.make_peer()
    copies = [keras.Variable([1.0, 2.0], dtype="float16")]
    for _ in range(3):
        gradient = keras.ops.array([0.5, -0.25], dtype="float16")
        optimizer.apply([gradient], weights)
        peer.apply([gradient], copies)
    dtypes = [[v.dtype for v in o.variables] for o in (optimizer, peer)]
    equal(*dtypes, "dtype of the slots")
    ends = [numbers(w[0]).astype("float64") for w in (weights, copies)]
    same(*ends, "weights", rtol=1e-2, atol=1e-2)


def check_embedding_gradient(row):
    """The gradient of an embedding, which holds some rows only, and some twice."""
    import tensorflow as tf

    def ends(optimizer, form):
        table = np.random.default_rng(1).normal(size=(6, 2)).astype("float32")
        weight = keras.Variable(table)
        optimizer.build([weight])

        def step(words, values):
            slices = tf.IndexedSlices(values, words, tf.constant([6, 2]))
            optimizer.apply([slices], [weight])

        step = {"eager": step, **compiled_forms(step)}[form]
        for words in ([0, 2], [2, 5], [1, 1], [5, 1]):
            step(tf.constant(words), tf.constant([[0.5, -1.0], [2.0, 3.0]]))
        return [numbers(v) for v in (weight, *optimizer.variables)]

    expected = ends(row.make_peer(), "eager")
    for form in ("eager", "graph", "xla"):
        for a, b in zip(ends(row.make(), form), expected, strict=True):
            same(a, b, "weights")


def check_kernels(row):
    """TensorFlow's kernels compute what the portable form does."""
    for dtype in ("float32", "float64"):
        with_kernels = _all_variables(row.make(), dtype)
        with mock.patch.object(fast, "TABLE", fast.NEEDED):
            without = _all_variables(row.make(), dtype)
        for a, b in zip(with_kernels, without, strict=True):
            same(a, b, "weights", rtol=2e-6, atol=1e-6)


def _all_variables(optimizer, dtype):
    weights = [keras.Variable(numbers(w), dtype=dtype) for w in variables()]
    for step in gradients():
        optimizer.apply([keras.ops.array(g, dtype=dtype) for g in step], weights)
    return [numbers(v) for v in (*weights, *optimizer.variables)]


def check_embedding_training(row):
    """As `check_training`, for words that occur more than once in a batch."""
    words = np.random.default_rng(1).integers(0, 5, size=(12, 4))
    targets = np.random.default_rng(2).normal(size=(12, 4, 2)).astype("float32")
    ends = []
    for make, jit in ((row.make, False), (row.make, True), (row.make_peer, True)):
        model = keras.Sequential([keras.Input((4,)), keras.layers.Embedding(6, 2)])
        model.set_weights([np.arange(12.0).reshape(6, 2) / 12])
        model.compile(optimizer=make(), loss="mse", jit_compile=jit)
        model.fit(words, targets, batch_size=4, epochs=2, shuffle=False, verbose=0)
        ends.append(model.get_weights()[0])
    for end in ends[:2]:
        same(end, ends[2], "weights")
