"""Skip-gram and CBOW with hierarchical softmax."""

import tensorflow as tf

from custom_layers._types import Tensor
from zoo.training.word2vec.blocks import SIZE, Blocks, margin
from zoo.training.word2vec.cbow import bags, errors
from zoo.training.word2vec.lower_nodes import Tiles, lower_paths
from zoo.training.word2vec.rows import Table, Update, add, shifted, total
from zoo.training.word2vec.trees import Nodes, Tree, upper_paths

SKIP_GRAM_TOP = 64  # nodes near the root, which are computed for all words together
CBOW_TOP = 16  # fewer: here a word is predicted from one vector alone
TILE = 8  # words whose windows are computed together


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
    left, right = tf.split(turns(tree, words), 2, axis=1)
    count = has_context[:, tf.newaxis]
    # Each word is a tile of its own, which its mean predicts.
    tiles = Tiles(words[:, tf.newaxis], h[:, tf.newaxis], count[:, tf.newaxis])
    outputs, more, loss = lower_paths(outputs, tiles, rate, tree)
    # After the others: XLA would copy a table that is read before their loop.
    top = outputs.vectors[-left.shape[1] :]
    e, upper = upper_paths(h, top, count * left, count * right, rate)
    dv, of_word = errors(e + more[:, 0], inside, window)
    return Update(
        add(vectors, shifted(block.words, edge - window, around), dv, of_word, rate),
        add_to_top(outputs, upper),
        upper.loss + loss,
        total(has_context),
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
    words = shifted(block.words, edge, SIZE)
    inside, _ = bags(vectors, block, window)
    context = tf.gather(vectors.vectors, shifted(block.words, edge - window, around))
    turned, of_word = errors(turns(tree, words), inside, window)
    tiles = _tiles(words, context, inside, window)
    outputs, more, loss = lower_paths(outputs, tiles, rate, tree)
    left, right = tf.split(turned, 2, axis=1)
    top = outputs.vectors[-left.shape[1] :]
    dv, upper = upper_paths(context, top, left, right, rate)
    return Update(
        add(
            vectors,
            shifted(block.words, edge - window, around),
            dv + _joined(more),
            of_word,
            rate,
        ),
        add_to_top(outputs, upper),
        upper.loss + loss,
        total(inside),
    )


def turns(tree: Tree, words: tf.Tensor) -> Tensor:
    """Returns at which top nodes the path to each word turns left, and right.

    Shapes:
        `(words,)` to `(words, 2 * top nodes)`, 1 or 0.
    """
    branch = tf.gather(tree.top, words)
    return tf.cast(tf.concat([branch > 0, branch < 0], axis=1), "float32")


def add_to_top(outputs: Table, upper: Nodes) -> Table:
    """Adds the updates of the nodes near the root."""
    size = upper.du.shape[0]
    rows = outputs.vectors.shape[0] - size + tf.range(size)[:, tf.newaxis]
    return Table(
        tf.tensor_scatter_nd_add(outputs.vectors, rows, upper.du),
        tf.tensor_scatter_nd_add(outputs.pairs, rows, upper.visits),
    )


def _tiles(
    words: tf.Tensor, context: tf.Tensor, inside: tf.Tensor, window: int
) -> Tiles:
    """Cuts a block into tiles, each with the words on either side of its own."""
    count, rows = SIZE // TILE, TILE + 2 * window
    places = TILE * tf.range(count)[:, tf.newaxis] + tf.range(rows)
    before, behind = tf.split(inside, 2, axis=1)
    row = tf.concat([before, tf.zeros((SIZE, 1)), behind], axis=1)
    # The window of a word begins one place after that of the word before it: rows that
    # are cut from the same values, one shorter, move so.
    values = tf.reshape(tf.pad(row, ((0, 0), (0, TILE))), (count, -1))
    pairs = tf.reshape(values[:, : TILE * rows], (count, TILE, rows))
    return Tiles(tf.reshape(words, (count, TILE)), tf.gather(context, places), pairs)


def _joined(tiles: tf.Tensor) -> Tensor:
    """Adds up rows of tiles that overlap, `(tiles, rows, columns)`."""
    count, rows, columns = tiles.shape
    size = TILE * (count - 1) + rows
    padded = tf.pad(tiles, ((0, 0), (0, -rows % TILE), (0, 0)))
    # The first rows of all tiles, the second ones, which begin a tile later, and so on.
    parts = tf.split(padded, padded.shape[1] // TILE, axis=1)
    moved = [
        tf.pad(
            tf.reshape(part, (-1, columns)),
            ((k * TILE, (len(parts) - 1 - k) * TILE), (0, 0)),
        )
        for k, part in enumerate(parts)
    ]
    return tf.add_n(moved)[:size]
