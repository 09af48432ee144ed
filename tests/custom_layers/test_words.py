"""What the layers for many words do beyond the shared checks."""

import keras
import numpy as np
import pytest

import custom_layers as cl
from custom_layers.layers.negative_sampling import alias_table
from custom_layers.losses.huffman import huffman_codes

from .backends import numbers

COUNTS = [0, 100, 10, 5, 1]


def one_hot_noise(layer, samples, training):
    """The words that a layer scores: each has a vector of its own."""
    words = len(COUNTS)
    x = np.tile(np.arange(words, dtype="float32"), (samples, 1))
    layer(x, np.full(samples, 3))  # builds it
    layer.kernel.assign(np.eye(words))
    layer.set_counts(COUNTS)
    chosen = numbers(layer(x, np.full(samples, 3), training=training))
    assert (chosen[:, 0] == 3).all()
    return chosen[:, 1:].astype(int)


@pytest.mark.parametrize(
    "weights", [[1], [3, 1], [0, 5, 0, 1], np.arange(50) ** 2, np.ones(7)]
)
def test_the_table_holds_the_distribution(weights):
    shares, aliases = alias_table(weights)
    found = shares / len(shares)
    np.add.at(found, aliases, (1 - shares) / len(shares))
    np.testing.assert_allclose(found, weights / np.sum(weights), atol=1e-12)
    assert (shares >= 0).all()
    assert (shares <= 1).all()


@pytest.mark.parametrize("training", [True, False])
def test_noise_is_drawn_by_counts_to_the_power(training):
    noise = one_hot_noise(cl.NegativeSampling(5, 8, seed=1), 4000, training)
    weights = np.array(COUNTS) ** 0.75
    found = np.bincount(noise.ravel(), minlength=5) / noise.size
    np.testing.assert_allclose(found, weights / weights.sum(), atol=0.01)
    assert found[0] == 0


def test_training_draws_anew_and_the_seed_repeats():
    layer = cl.NegativeSampling(5, 8, seed=1)
    first, second = (one_hot_noise(layer, 20, True) for _ in range(2))
    assert (first != second).any()
    again = one_hot_noise(cl.NegativeSampling(5, 8, seed=1), 20, True)
    np.testing.assert_array_equal(first, again)
    still = [one_hot_noise(layer, 20, False) for _ in range(2)]
    np.testing.assert_array_equal(*still)


def test_the_words_of_a_tree_are_a_distribution():
    """The probabilities of all words sum to one, whatever the vectors."""
    layer = cl.HierarchicalSoftmax(5, path_length=5)
    x = np.tile(np.random.default_rng(1).normal(size=(1, 3)), (5, 1))
    layer.build((5, 3), (5,))
    layer.kernel.assign(np.random.default_rng(2).normal(size=(4, 3)))
    for counts in ([1] * 5, COUNTS):
        layer.set_counts(counts)
        codes = huffman_codes(counts).codes
        scores = layer(x.astype("float32"), np.arange(5))[:, : codes.shape[1]]
        losses = numbers(cl.losses.hierarchical_softmax_loss(codes, scores))
        assert np.exp(-losses).sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    "layer", [cl.NegativeSampling(5), cl.HierarchicalSoftmax(5, path_length=4)]
)
def test_what_was_counted_is_saved(layer, tmp_path):
    vectors, words = keras.Input((3,)), keras.Input((), dtype="int32")
    model = keras.Model([vectors, words], layer(vectors, words))
    layer.set_counts(COUNTS)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").layers[-1]
    for ours, theirs in zip(layer.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(numbers(ours), numbers(theirs))
    assert len(layer.trainable_weights) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: cl.NegativeSampling(0), "`vocabulary_size`.*positive.*=0"),
        (lambda: cl.NegativeSampling(5, 0), "`negatives`.*positive.*=0"),
        (lambda: cl.HierarchicalSoftmax(1, 3), "`vocabulary_size`.*2 or more"),
        (lambda: cl.HierarchicalSoftmax(5, 2), "binary logarithm.*path_length=2"),
    ],
)
def test_sizes_that_cannot_be(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "counts", "message"),
    [
        (cl.NegativeSampling(5), [1, 2], "each of 5 tokens.*2 of them"),
        (cl.NegativeSampling(3), [0, 0, 0], "one of them above 0"),
        (cl.HierarchicalSoftmax(5, 3), [1, 2], "each of 5 tokens.*2 of them"),
        (cl.HierarchicalSoftmax(5, 3), COUNTS, "has 4 nodes.*path_length=3"),
    ],
)
def test_counts_that_do_not_fit(layer, counts, message):
    layer.build((None, 3), (None,))
    with pytest.raises(ValueError, match=message):
        layer.set_counts(counts)
