"""Namesake losses of masked and weighted sequences, in our training and in `fit`."""

import inspect
import itertools

import keras
import numpy as np
import pytest

import custom_layers as cl
from zoo.datasets import Split
from zoo.machines.devices import choose
from zoo.runs.order import permutation
from zoo.training.engine import engine_for
from zoo.training.feed import InMemory
from zoo.training.weighting import WeightedSplit

SAMPLES, LENGTH, CLASSES, BATCH = 10, 5, 3, 4
REDUCTIONS = "sum_over_batch_size", "sum", "mean", "mean_with_sample_weight"
NAMESAKES = sorted(
    name
    for name in dir(cl.losses)
    if inspect.isclass(getattr(cl.losses, name)) and hasattr(keras.losses, name)
)
RNG = np.random.default_rng(3)
X = RNG.integers(1, 9, (SAMPLES, LENGTH))
X[::2, 3:] = 0  # the mask leaves it out
WEIGHTS = {
    "none": None,
    "samples": RNG.uniform(0, 2, SAMPLES).astype("float32"),
    "tokens": RNG.uniform(0, 2, (SAMPLES, LENGTH)).astype("float32"),
}
WEIGHTS["tokens"][0] = 0


def targets(name):
    classes = np.random.default_rng(4).integers(0, CLASSES, (SAMPLES, LENGTH))
    return classes if name.startswith("Sparse") else np.eye(CLASSES)[classes]


def of_tokens(weight):
    """Keras multiplies by the mask, so it takes no weights of samples alone."""
    return weight if weight is None or weight.ndim == 2 else weight[:, None]


def tagger(loss):
    keras.utils.set_random_seed(0)
    tokens = keras.Input((LENGTH,), dtype="int32")
    embedded = keras.layers.Embedding(9, 4, mask_zero=True)(tokens)
    # Keras takes what a softmax is of for what a sigmoid is of, in binary losses.
    activation = "sigmoid" if "Binary" in type(loss).__name__ else "softmax"
    tags = keras.layers.Dense(CLASSES, activation=activation)(embedded)
    model = keras.Model(tokens, tags)
    model.compile(keras.optimizers.SGD(0.1), loss)
    return model


def test_every_namesake_is_here():
    assert len(NAMESAKES) >= 10


@pytest.mark.parametrize("name", NAMESAKES)
def test_losses_of_batches(name):
    """As `fit` computes them: with the mask of the outputs, and with weights."""
    y = targets(name)
    for reduction, given in itertools.product(REDUCTIONS, WEIGHTS.values()):
        losses, weight = [], of_tokens(given)
        for module in (cl.losses, keras.losses):
            model = tagger(getattr(module, name)(reduction=reduction))
            loss = model.compute_loss(X, y, model(X), weight, training=True)
            losses.append(float(loss))
        assert losses[0] == pytest.approx(losses[1], rel=1e-6), (reduction, weight)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMESAKES)
@pytest.mark.parametrize("kind", WEIGHTS)
def test_losses_of_trainings(name, kind):
    """Three steps by our engine with our loss, and by `fit` with that of Keras."""
    weight, y = WEIGHTS[kind], targets(name)
    reduction = REDUCTIONS[NAMESAKES.index(name) % len(REDUCTIONS)]
    ours = tagger(getattr(cl.losses, name)(reduction=reduction))
    theirs = tagger(getattr(keras.losses, name)(reduction=reduction))
    split = Split(X, y) if weight is None else WeightedSplit(X, y, weight)
    engine = engine_for(ours, choose("cpu"), batch_size=BATCH, jit=False)
    engine.build(split)
    feed = InMemory(engine, split)
    feed.begin(0, 0)
    engine.start_means()
    outcome = feed.train(0, -(-SAMPLES // BATCH))
    order = permutation(0, 0, SAMPLES)
    weighted = {} if weight is None else {"sample_weight": of_tokens(weight)[order]}
    history = theirs.fit(
        X[order], y[order], BATCH, shuffle=False, verbose=0, **weighted
    ).history
    assert outcome.logs["loss"] == pytest.approx(history["loss"][0], rel=2e-6)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    scores = feed.score()
    weighted = {} if weight is None else {"sample_weight": of_tokens(weight)}
    expected = theirs.evaluate(X, y, SAMPLES, verbose=0, **weighted)
    assert scores["loss"] == pytest.approx(expected, rel=2e-6)
