"""Skip-gram and CBOW with hierarchical softmax."""

import tensorflow as tf

from custom_layers._types import Tensor
from zoo.training.word2vec.blocks import SIZE, Blocks, margin
from zoo.training.word2vec.cbow import bags, errors
from zoo.training.word2vec.lower_nodes import lower_paths
from zoo.training.word2vec.rows import Table, Update, add, offsets, shifted
from zoo.training.word2vec.trees import Nodes, Tree, top_nodes


def cbow_with_tree(
    vectors: Table,
    outputs: Table,
    block: Blocks,
    rate: tf.Tensor,
    tree: Tree,
    *,
    window: int,
) -> Update:
    r"""Predicts the path to each word from the mean of the words in its window.

    .. math::

        h_j = \frac{1}{|W_j|} \sum_{i \in W_j} v_i, \qquad
        L = -\sum_j \sum_{k \in \mathrm{path}(j)} \log \sigma(b_{jk} \, h_j \cdot u_k)

    with the branch :math:`b = \pm 1` to the word at each node. Each word of a window
    gets the whole error :math:`-\eta \, \partial L / \partial h_j`.

    Args:
        vectors: The vectors `v`.
        outputs: The vectors `u` of the nodes.
        block: One of `Blocks`.
        rate: Learning rate.
        tree: Paths to all words.
        window: Words on either side of a word, at most.
    """
    edge, around = margin(window), SIZE + 2 * window
    words = shifted(block.words, edge, SIZE)
    inside, h = bags(vectors, block, window)
    has_context = tf.reduce_max(inside, axis=1)
    left, right = turns(tree, words)
    count = has_context[:, tf.newaxis]
    own = tf.range(SIZE)[:, tf.newaxis]
    outputs, more, loss = lower_paths(outputs, words, h, own, count, rate, tree)
    # After the others: XLA would copy a table that is read before their loop.
    top = outputs.vectors[-left.shape[1] :]
    e, upper = top_nodes(h, top, count * left, count * right, rate)
    dv, of_word = errors(e + more, inside, window)
    return Update(
        add(vectors, shifted(block.words, edge - window, around), dv, of_word, rate),
        add_to_top(outputs, upper, rate),
        upper.loss + loss,
        tf.reduce_sum(has_context),
    )


def skip_gram_with_tree(
    vectors: Table,
    outputs: Table,
    block: Blocks,
    rate: tf.Tensor,
    tree: Tree,
    *,
    window: int,
) -> Update:
    r"""Predicts the paths to the words in whose windows a word stands.

    .. math::

        L = -\sum_{(i, j)} \sum_{k \in \mathrm{path}(j)}
            \log \sigma(b_{jk} \, v_i \cdot u_k)

    over the pairs of a word :math:`j` and of a word :math:`i` in its window, with the
    branch :math:`b = \pm 1` to :math:`j` at each node.

    Args:
        vectors: The vectors `v`.
        outputs: The vectors `u` of the nodes.
        block: One of `Blocks`.
        rate: Learning rate.
        tree: Paths to all words.
        window: Words on either side of a word, at most.
    """
    edge, around = margin(window), SIZE + 2 * window
    distances = offsets(window)
    words = shifted(block.words, edge, SIZE)
    inside, _ = bags(vectors, block, window)
    context = tf.gather(vectors.vectors, shifted(block.words, edge - window, around))
    left, right = (_seen(each, inside, window) for each in turns(tree, words))
    places = tf.range(SIZE)[:, tf.newaxis] + window + tf.constant(distances)
    outputs, more, loss = lower_paths(
        outputs, words, context, places, inside, rate, tree
    )
    top = outputs.vectors[-left.shape[1] :]
    dv, upper = top_nodes(context, top, left, right, rate)
    ones = tf.ones((SIZE, 1))
    of_word = _seen(ones, inside, window)[:, 0]
    return Update(
        add(
            vectors,
            shifted(block.words, edge - window, around),
            dv + more,
            of_word,
            rate,
        ),
        add_to_top(outputs, upper, rate),
        upper.loss + loss,
        tf.reduce_sum(inside),
    )


def turns(tree: Tree, words: tf.Tensor) -> tuple[Tensor, Tensor]:
    """Returns whether the path to each word turns left, or right, at each top node."""
    branch = tf.gather(tree.top, words)
    return tf.cast(branch > 0, "float32"), tf.cast(branch < 0, "float32")


def add_to_top(outputs: Table, upper: Nodes, rate: tf.Tensor) -> Table:
    """Adds the updates of the nodes near the root."""
    size = upper.du.shape[0]
    first = outputs.vectors.shape[0] - size
    return add(outputs, first + tf.range(size), upper.du, upper.visits, rate)


def _seen(values: tf.Tensor, inside: tf.Tensor, window: int) -> Tensor:
    """Sums the values of all words in whose windows a word stands."""
    sums = [
        tf.pad(inside[:, k : k + 1] * values, ((window + d, window - d), (0, 0)))
        for k, d in enumerate(offsets(window))
    ]
    return tf.add_n(sums)
