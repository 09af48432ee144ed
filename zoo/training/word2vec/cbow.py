"""Continuous bag of words (CBOW) with negative sampling."""

import tensorflow as tf

from zoo.training.word2vec.blocks import GROUP, SHARED, SIZE, Blocks, margin
from zoo.training.word2vec.rows import (
    Table,
    Update,
    add,
    logarithm,
    offsets,
    products,
    shifted,
    total,
)


def cbow(
    vectors: Table,
    outputs: Table,
    block: Blocks,
    rate: tf.Tensor,
    *,
    window: int,
    negatives: int,
) -> Update:
    r"""Predicts each word from the mean of the words in its window.

    .. math::

        h_j &= \frac{1}{|W_j|} \sum_{i \in W_j} v_i \\
        L &= -\sum_j \left(\log \sigma(h_j \cdot u_j)
            + \frac{n}{m} \sum_{k=1}^m \log \sigma(-h_j \cdot u_{r_k})\right)

    with :math:`m` negative samples :math:`r_k` that a group of words shares, weighted
    as :math:`n` of each word. Each word of a window gets the whole error, which
    word2vec does not divide by their number:

    .. math::

        \Delta v_i &= \sum_{j : i \in W_j} e_j, \qquad
        e_j = \eta \left((1 - \sigma(h_j \cdot u_j)) \, u_j
            - \frac{n}{m} \sum_k \sigma(h_j \cdot u_{r_k}) \, u_{r_k}\right) \\
        \Delta u_j &= \eta \, (1 - \sigma(h_j \cdot u_j)) \, h_j, \qquad
        \Delta u_{r_k} = -\eta \frac{n}{m} \sum_j \sigma(h_j \cdot u_{r_k}) \, h_j

    Args:
        vectors: The vectors `v`.
        outputs: The output vectors `u`.
        block: One of `Blocks`, its words as rows of the tables.
        rate: Learning rate.
        window: Words on either side of a word, at most.
        negatives: Negative samples of each word, `n`.
    """
    edge, around = margin(window), SIZE + 2 * window
    words = shifted(block.words, edge, SIZE)
    noise = tf.reshape(block.negatives, [-1])
    u = tf.gather(outputs.vectors, words)
    r = tf.reshape(tf.gather(outputs.vectors, noise), (SIZE // GROUP, SHARED, -1))
    inside, h = bags(vectors, block, window)
    has_context = tf.reduce_max(inside, axis=1)

    hit = tf.sigmoid(products(h, u))
    g = (rate * has_context * (1.0 - hit))[:, tf.newaxis]
    du, e = g * h, g * u
    grouped = tf.reshape(h, (SIZE // GROUP, GROUP, -1))
    weight = tf.reshape(has_context, (SIZE // GROUP, GROUP, 1)) * (negatives / SHARED)
    miss = tf.sigmoid(-tf.matmul(grouped, r, transpose_b=True))
    g = -rate * weight * (1.0 - miss)
    e += tf.reshape(tf.matmul(g, r), e.shape)
    dr = tf.reshape(tf.matmul(g, grouped, transpose_a=True), (noise.shape[0], -1))
    of_noise = tf.reduce_sum(weight, axis=1) * tf.ones((1, SHARED))

    dv, of_word = errors(e, inside, window)
    loss = -total(has_context * logarithm(hit))
    loss -= total(weight * logarithm(miss))
    return Update(
        add(vectors, shifted(block.words, edge - window, around), dv, of_word, rate),
        add(
            outputs,
            tf.concat([words, noise], 0),
            tf.concat([du, dr], 0),
            tf.concat([has_context, tf.reshape(of_noise, [-1])], 0),
            rate,
        ),
        loss,
        total(has_context),
    )


def bags(vectors: Table, block: Blocks, window: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns which words are in the window of each word, and the mean of these.

    Shapes:
        `(SIZE, 2 * window)`, 1 or 0, and `(SIZE, columns)`.
    """
    edge = margin(window)
    v = tf.gather(vectors.vectors, block.words)
    sentence = shifted(block.sentence, edge, SIZE)
    width = shifted(block.width, edge, SIZE)
    is_inside = tf.stack(
        [
            (shifted(block.sentence, edge + d, SIZE) == sentence) & (width >= abs(d))
            for d in offsets(window)
        ],
        axis=1,
    )
    inside = tf.cast(is_inside, "float32")
    share = inside / tf.maximum(tf.reduce_sum(inside, axis=1, keepdims=True), 1.0)
    h = tf.add_n(
        [
            share[:, k : k + 1] * shifted(v, edge + d, SIZE)
            for k, d in enumerate(offsets(window))
        ]
    )
    # A second use of `v` keeps XLA from gathering it anew for each of the sums.
    return inside, h + 0.0 * total(v)


def errors(e: tf.Tensor, inside: tf.Tensor, window: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Sums the errors that the words around each word give it.

    Args:
        e: Error of the prediction of each word.
        inside: As `bags` returns it.
        window: Words on either side of a word, at most.

    Shapes:
        For the words of the block and a window on either side `(SIZE + 2 * window,
        columns)`, and the number of errors.
    """
    around, padding = SIZE + 2 * window, ((2 * window,) * 2, (0, 0))
    e, inside = tf.pad(e, padding), tf.pad(inside, padding)
    given = [
        shifted(inside, window - d, around)[:, k : k + 1]
        for k, d in enumerate(offsets(window))
    ]
    sums = tf.add_n(
        [
            each * shifted(e, window - d, around)
            for each, d in zip(given, offsets(window), strict=True)
        ]
    )
    return sums, tf.add_n(given)[:, 0]
