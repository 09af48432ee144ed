"""Rows of layers that score words of a large vocabulary."""

import custom_layers as cl

from ..oracles import words as oracle
from ..table import LayerRow

VOCABULARY = 7


def _vectors_and_words(rng, shapes):
    vectors, words = shapes
    return [
        rng.normal(size=vectors),
        rng.integers(0, VOCABULARY, size=words).astype("int32"),
    ]


def _kernel_and_noise(shapes, rng):
    kernel, shares, aliases = shapes
    return [
        rng.normal(size=kernel),
        rng.random(shares),
        rng.integers(0, VOCABULARY, size=aliases).astype("float64"),
    ]


def _kernel_and_tree(shapes, rng):
    kernel, points = shapes
    nodes = rng.integers(0, VOCABULARY - 1, size=points).astype("float64")
    return [rng.normal(size=kernel), nodes]


LAYERS = [
    LayerRow(
        cl.NegativeSampling,
        None,
        oracle.negative_sampling,
        {"vocabulary_size": VOCABULARY, "negatives": 4, "seed": 1},
        shape=[(3, 5), (3,)],
        draw=_vectors_and_words,
        weights=_kernel_and_noise,
        random=True,
    ),
    LayerRow(
        cl.NegativeSampling,
        None,
        oracle.negative_sampling,
        {
            "vocabulary_size": VOCABULARY,
            "negatives": 1,
            "power": 0.5,
            "kernel_initializer": "he_normal",
        },
        shape=[(3, 2, 5), (3, 2)],
        draw=_vectors_and_words,
        weights=_kernel_and_noise,
        random=True,
    ),
    *(
        LayerRow(
            cl.HierarchicalSoftmax,
            None,
            oracle.hierarchical_softmax,
            {
                "vocabulary_size": VOCABULARY,
                "path_length": length,
                "kernel_initializer": initializer,
            },
            shape=shape,
            draw=_vectors_and_words,
            weights=_kernel_and_tree,
        )
        for length, initializer, shape in (
            (3, "uniform", [(3, 5), (3,)]),
            (4, "he_normal", [(3, 2, 5), (3, 2)]),
        )
    ),
]
