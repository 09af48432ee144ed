"""Huffman trees, and the hierarchical softmax that lives on them."""

import numpy as np
import pytest

import custom_layers as cl
from custom_layers.losses.huffman import huffman_codes

from .backends import numbers


def test_the_mean_path_is_as_short_as_can_be():
    counts = [8, 4, 2, 1, 1]
    codes, points = huffman_codes(counts)
    assert codes.shape == points.shape == (5, 4)
    lengths = (codes >= 0).sum(axis=1)
    assert lengths.tolist() == [1, 2, 3, 4, 4]
    assert codes.dtype == points.dtype == "int32"


def test_paths_start_at_the_root_and_lead_to_different_leaves():
    counts = np.random.default_rng(3).integers(1, 50, size=20)
    codes, points = huffman_codes(counts)
    assert (points[:, 0] == 18).all()
    branches = set()
    for code, point in zip(codes, points, strict=True):
        assert len(set(point[code >= 0])) == (code >= 0).sum()
        branches.add(tuple(code[code >= 0]))
    assert len(branches) == 20
    for one in branches:
        assert not any(one == other[: len(one)] for other in branches - {one})


def test_leaves_are_a_distribution():
    """The probabilities of all leaves sum to one, whatever the scores."""
    codes, points = huffman_codes([5, 1, 2, 7, 7, 3])
    scores = np.random.default_rng(4).normal(size=5)[points]
    losses = numbers(cl.losses.hierarchical_softmax_loss(codes, scores))
    assert np.exp(-losses).sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("counts", [[], [3], [1, -1]])
def test_what_makes_no_tree(counts):
    with pytest.raises(ValueError, match="`counts` must hold.*Received"):
        huffman_codes(counts)
