"""Checks of optimizers."""

import keras
import numpy as np

from ..backends import numbers
from .common import check_config_keys, plain, same

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


def check_oracle(row):
    weights = variables()
    starts = [numbers(w).astype("float64") for w in weights]
    ends = run(row.make(), weights, gradients())
    for i, (start, end) in enumerate(zip(starts, ends, strict=True)):
        same(
            end,
            row.oracle(
                start, [step[i].astype("float64") for step in gradients()], **row.kwargs
            ),
        )


def check_namesake(row):
    """The namesake's weights after several steps, and its slots."""
    ours, theirs = row.make(name="optimizer"), row.make_peer(name="optimizer")
    ends = [run(o, variables(), gradients()) for o in (ours, theirs)]
    for a, b in zip(*ends, strict=True):
        same(a, b)
    slots = [
        [(v.name, tuple(v.shape), v.dtype) for v in o.variables] for o in (ours, theirs)
    ]
    assert slots[0] == slots[1], slots
    for a, b in zip(ours.variables, theirs.variables, strict=True):
        same(numbers(a), numbers(b))
    assert row.make().name.startswith(row.make_peer().name.rstrip("0123456789_"))


def check_config(row):
    ours = row.make()
    if row.peer is not None:
        theirs = row.make_peer().get_config()
        check_config_keys(ours.get_config(), theirs)
        assert plain(ours.get_config() | {"name": ""}) == plain(theirs | {"name": ""})
    copy = row.component.from_config(ours.get_config())
    assert plain(copy.get_config()) == plain(ours.get_config())
    for a, b in zip(
        *(run(o, variables(), gradients()) for o in (ours, copy)), strict=True
    ):
        same(a, b)


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
        same(a, b)


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
            same(a, b)


def check_low_precision(row):
    """Weights in half precision have slots and steps in half precision."""
    weights = [keras.Variable([1.0, 2.0], dtype="float16")]
    optimizer, peer = row.make(), row.make_peer()
    copies = [keras.Variable([1.0, 2.0], dtype="float16")]
    for _ in range(3):
        gradient = keras.ops.array([0.5, -0.25], dtype="float16")
        optimizer.apply([gradient], weights)
        peer.apply([gradient], copies)
    assert [v.dtype for v in optimizer.variables] == [v.dtype for v in peer.variables]
    same(
        numbers(weights[0]).astype("float64"), numbers(copies[0]), rtol=1e-2, atol=1e-2
    )


def check_embedding_gradient(row):
    """The gradient of an embedding, which holds some rows only."""
    import tensorflow as tf

    table = np.random.default_rng(1).normal(size=(6, 2)).astype("float32")
    ends = []
    for optimizer in (row.make(), row.make_peer()):
        weight = keras.Variable(table)
        for rows in ([0, 2], [2, 5], [1, 1]):
            slices = tf.IndexedSlices(
                tf.ones((2, 2)), tf.constant(rows), tf.constant([6, 2])
            )
            optimizer.apply([slices], [weight])
        ends.append(numbers(weight))
    same(*ends)
