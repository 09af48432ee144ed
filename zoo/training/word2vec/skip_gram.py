"""Skip-gram with negative sampling."""

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


def skip_gram(
    vectors: Table,
    outputs: Table,
    block: Blocks,
    rate: tf.Tensor,
    *,
    window: int,
    negatives: int,
) -> Update:
    r"""Predicts the words in whose windows a word stands.

    .. math::

        L = -\sum_{(i, j)} \left(\log \sigma(v_i \cdot u_j)
            + \frac{n}{m} \sum_{k=1}^m \log \sigma(-v_i \cdot u_{r_k})\right)

    over the pairs of a word :math:`i` and of a word :math:`j` in whose window it
    stands. The :math:`m` negative samples :math:`r_k` are shared by a group of words
    and weighted as :math:`n` of each pair, so that the expected gradient is that of
    :math:`n` samples drawn for each pair alone:

    .. math::

        \Delta v_i &= \eta \sum_j \left((1 - \sigma(v_i \cdot u_j)) \, u_j
            - \frac{n}{m} \sum_k \sigma(v_i \cdot u_{r_k}) \, u_{r_k}\right) \\
        \Delta u_j &= \eta \sum_i (1 - \sigma(v_i \cdot u_j)) \, v_i, \qquad
        \Delta u_{r_k} = -\eta \frac{n}{m} \sum_{(i, j)} \sigma(v_i \cdot u_{r_k}) v_i

    Args:
        vectors: The vectors `v`.
        outputs: The output vectors `u`.
        block: One of `Blocks`, its words as rows of the tables.
        rate: Learning rate.
        window: Words on either side of a word, at most.
        negatives: Negative samples of each pair, `n`.
    """
    edge, around = margin(window), SIZE + 2 * window
    distances = offsets(window)
    v, u = (tf.gather(table.vectors, block.words) for table in (vectors, outputs))
    noise = tf.reshape(block.negatives, [-1])
    r = tf.reshape(tf.gather(outputs.vectors, noise), (SIZE // GROUP, SHARED, -1))
    inner = shifted(v, edge, SIZE)

    sentence = shifted(block.sentence, edge, SIZE)
    is_pair = tf.stack(
        [
            (shifted(block.sentence, edge + d, SIZE) == sentence)
            & (shifted(block.width, edge + d, SIZE) >= abs(d))
            for d in distances
        ],
        axis=1,
    )
    pairs = tf.cast(is_pair, "float32")
    of_word = tf.reduce_sum(pairs, axis=1)

    targets = [shifted(u, edge + d, SIZE) for d in distances]
    scores = [products(inner, u_j) for u_j in targets]
    hit = tf.sigmoid(tf.stack(scores, axis=1))
    g = rate * pairs * (1.0 - hit)
    dv = tf.add_n([g[:, k : k + 1] * u_j for k, u_j in enumerate(targets)])
    # Each word `j` gathers what the words around it, one distance back, give it.
    g = tf.pad(g, ((edge, edge), (0, 0)))
    counted = tf.pad(pairs, ((edge, edge), (0, 0)))
    starts = [window - d for d in distances]
    du = tf.add_n(
        [
            shifted(g, start, around)[:, k : k + 1] * shifted(v, start, around)
            for k, start in enumerate(starts)
        ]
    )
    of_target = tf.add_n(
        [shifted(counted, start, around)[:, k] for k, start in enumerate(starts)]
    )

    grouped = tf.reshape(inner, (SIZE // GROUP, GROUP, -1))
    weight = tf.reshape(of_word * (negatives / SHARED), (SIZE // GROUP, GROUP, 1))
    miss = tf.sigmoid(-tf.matmul(grouped, r, transpose_b=True))
    g = -rate * weight * (1.0 - miss)
    dv += tf.reshape(tf.matmul(g, r), dv.shape)
    dr = tf.reshape(tf.matmul(g, grouped, transpose_a=True), (noise.shape[0], -1))
    of_noise = tf.reduce_sum(weight, axis=1) * tf.ones((1, SHARED))

    loss = -total(pairs * logarithm(hit))
    loss -= total(weight * logarithm(miss))
    words = shifted(block.words, edge, SIZE)
    target_words = shifted(block.words, edge - window, around)
    return Update(
        add(vectors, words, dv, of_word, rate),
        add(
            outputs,
            tf.concat([target_words, noise], 0),
            tf.concat([du, dr], 0),
            tf.concat([of_target, tf.reshape(of_noise, [-1])], 0),
            rate,
        ),
        loss,
        total(of_word),
    )
