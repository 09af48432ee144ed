"""What is drawn anew in each epoch."""

import numpy as np

from zoo.training.word2vec.blocks import SIZE, draw, margin
from zoo.training.word2vec.sampling import keep_probabilities, noise_table, subsample


def test_frequent_words_are_dropped_by_their_share():
    counts = np.array([0, 0, 90_000, 9_000, 1_000])
    words = np.repeat(np.arange(5), counts)
    keep = keep_probabilities(counts, 0.01)
    kept, _ = subsample(words, keep, np.random.default_rng(0))
    found = np.bincount(kept, minlength=5)[2:] / counts[2:]
    ratio = 0.01 / np.array([0.9, 0.09, 0.01])
    expected = np.minimum(1, np.sqrt(ratio) + ratio)
    np.testing.assert_allclose(found, expected, rtol=0.03)


def test_a_threshold_of_0_keeps_every_word():
    assert keep_probabilities([0, 9, 1], 0).tolist() == [1, 1, 1]


def test_negative_samples_follow_the_power_of_the_counts():
    counts = [0, 0, 1000, 100, 10]
    shares = np.bincount(noise_table(counts), minlength=5) / 2**20
    weights = np.array(counts) ** 0.75
    np.testing.assert_allclose(shares, weights / weights.sum(), atol=1e-5)


def test_separators_end_sentences_and_leave_no_gap():
    words = np.array([4, 5, 0, 6, 0, 7, 8, 0])
    kept, sentence = subsample(words, np.ones(9), np.random.default_rng(0))
    assert kept.tolist() == [4, 5, 6, 7, 8]
    assert sentence.tolist() == [0, 0, 1, 2, 2]


def test_blocks_overlap_by_their_margins():
    words = np.arange(2, 2 + 2 * SIZE + 10)
    blocks = draw(words, np.ones(3000), np.array([3]), 5, np.random.default_rng(0))
    edge = margin(5)
    assert blocks.words.shape == (3, SIZE + 2 * edge)
    inner = blocks.words[:, edge:-edge].ravel()
    np.testing.assert_array_equal(inner[: len(words)], words)
    assert not inner[len(words) :].any()
    np.testing.assert_array_equal(blocks.words[1, :edge], words[SIZE - edge : SIZE])
    np.testing.assert_array_equal(blocks.words[0, -edge:], words[SIZE : SIZE + edge])
    padding = blocks.words == 0
    assert (blocks.sentence[padding] == -1).all()
    assert (blocks.width[padding] == 0).all()


def test_widths_are_uniform_so_that_near_words_count_more():
    words = np.full(50_000, 2)
    blocks = draw(words, np.ones(3), np.array([2]), 5, np.random.default_rng(0))
    inner = blocks.width[:, margin(5) : -margin(5)].ravel()[:50_000]
    shares = np.bincount(inner, minlength=6)[1:] / len(inner)
    np.testing.assert_allclose(shares, 0.2, atol=0.01)


def test_everything_is_drawn_by_the_generator():
    words = np.arange(2, 500)
    first, again, other = (
        draw(words, np.full(500, 0.5), words, 5, np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.words, other.words)
    assert not np.array_equal(first.negatives, other.negatives)
