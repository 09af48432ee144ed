"""Huffman codes, the binary tree of hierarchical softmax."""

import heapq
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["HuffmanCodes", "huffman_codes"]


class HuffmanCodes(NamedTuple):
    """Paths from the root to each leaf, padded to the longest path.

    `codes[leaf, j]` is the branch, 0 or 1, taken at the inner node
    `points[leaf, j]`; padding has the code -1 and the point 0.
    """

    codes: np.ndarray
    points: np.ndarray


def huffman_codes(counts: Sequence[int]) -> HuffmanCodes:
    """Builds the binary tree with the shortest expected path.

    The two subtrees of lowest frequency are merged until one is left. Inner nodes
    are numbered from 0 to `leaves - 2`; the last one is the root.

    Args:
        counts: Frequency of each leaf, of at least two leaves.

    Example:

    >>> huffman_codes([5, 1, 2]).codes.tolist()
    [[1, -1], [0, 0], [0, 1]]

    Reference:
        Huffman, 1952, A method for the construction of minimum-redundancy codes.
    """
    if len(counts) < 2 or min(counts) < 0:
        raise ValueError(
            "`counts` must hold non-negative frequencies of two leaves or more. "
            f"Received: counts={counts}"
        )
    paths = _paths(*_parents(counts), leaves=len(counts))
    longest = max(len(codes) for codes, _ in paths)
    codes = np.full((len(counts), longest), -1, dtype="int32")
    points = np.zeros((len(counts), longest), dtype="int32")
    for leaf, (code, point) in enumerate(paths):
        codes[leaf, : len(code)] = code
        points[leaf, : len(point)] = point
    return HuffmanCodes(codes, points)


def _parents(counts: Sequence[int]) -> tuple[list[int], list[int]]:
    """Parent and branch of each node but the root; leaves come first."""
    leaves = len(counts)
    parents, branches = ([0] * (2 * leaves - 2) for _ in range(2))
    heap = [(count, leaf) for leaf, count in enumerate(counts)]
    heapq.heapify(heap)
    for inner in range(leaves - 1):
        (rare, left), (next_rare, right) = heapq.heappop(heap), heapq.heappop(heap)
        parents[left] = parents[right] = inner
        branches[right] = 1
        heapq.heappush(heap, (rare + next_rare, leaves + inner))
    return parents, branches


def _paths(
    parents: list[int], branches: list[int], leaves: int
) -> list[tuple[list[int], list[int]]]:
    """Codes and points of each leaf, from the root."""
    paths = []
    for leaf in range(leaves):
        codes, points, node = [], [], leaf
        while node < len(parents):
            codes.append(branches[node])
            points.append(parents[node])
            node = leaves + parents[node]
        paths.append((codes[::-1], points[::-1]))
    return paths
