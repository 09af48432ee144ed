"""Skip-gram and CBOW with hierarchical softmax."""

import tensorflow as tf

from custom_layers._types import Tensor
from zoo.training.word2vec.blocks import SIZE, Blocks, margin
from zoo.training.word2vec.cbow import bags, errors
from zoo.training.word2vec.lower_nodes import lower_paths
from zoo.training.word2vec.rows import Table, Update, add, offsets, shifted
from zoo.training.word2vec.trees import Nodes, Tree, top_nodes


TILE = 8


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
    outputs, more, loss = lower_paths(
        outputs,
        words[:, tf.newaxis],
        h[:, tf.newaxis],
        count[:, tf.newaxis],
        rate,
        tree,
        chunk=64,
    )
    more = more[:, 0]
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
    words = shifted(block.words, edge, SIZE)
    inside, _ = bags(vectors, block, window)
    context = tf.gather(vectors.vectors, shifted(block.words, edge - window, around))
    turned, of_word = errors(turns(tree, words), inside, window)
    rows = TILE + 2 * window
    of_tile = TILE * tf.range(SIZE // TILE)[:, tf.newaxis] + tf.range(rows)
    outputs, changes, loss = lower_paths(
        outputs,
        tf.reshape(words, (-1, TILE)),
        tf.gather(context, of_tile),
        _of_tiles(inside, window),
        rate,
        tree,
        chunk=8,
    )
    more = _joined(changes)
    left, right = tf.split(turned, 2, axis=1)
    top = outputs.vectors[-left.shape[1] :]
    dv, upper = top_nodes(context, top, left, right, rate)
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


def turns(tree: Tree, words: tf.Tensor) -> Tensor:
    """Returns at which top nodes the path to each word turns left, and right.

    Shapes:
        `(words,)` to `(words, 2 * TOP)`, 1 or 0.
    """
    branch = tf.gather(tree.top, words)
    return tf.cast(tf.concat([branch > 0, branch < 0], axis=1), "float32")


def add_to_top(outputs: Table, upper: Nodes, rate: tf.Tensor) -> Table:
    """Adds the updates of the nodes near the root."""
    size = upper.du.shape[0]
    first = outputs.vectors.shape[0] - size
    return add(outputs, first + tf.range(size), upper.du, upper.visits, rate)


def _of_tiles(inside: tf.Tensor, window: int) -> Tensor:
    """Returns which vectors of a tile are in the windows of its words.

    The words on either side of a word are those of the word before it, one further, so
    that each row of a tile begins one column after the row above.

    Shapes:
        `(SIZE, 2 * window)` to `(SIZE / TILE, TILE, TILE + 2 * window)`.
    """
    before, behind = tf.split(inside, 2, axis=1)
    with_itself = tf.concat([before, tf.zeros((SIZE, 1)), behind], axis=1)
    tiles, rows = SIZE // TILE, TILE + 2 * window
    spread = tf.reshape(tf.pad(with_itself, ((0, 0), (0, TILE))), (tiles, -1))
    return tf.reshape(spread[:, : TILE * rows], (tiles, TILE, rows))


def _joined(tiles: tf.Tensor) -> Tensor:
    """Adds up rows of tiles that overlap, `(tiles, rows, columns)`."""
    count, rows, columns = tiles.shape
    size = TILE * (count - 1) + rows
    longer = tf.pad(tiles, ((0, 0), (0, -rows % TILE), (0, 0)))
    sums = tf.zeros((0, columns))
    parts = tf.split(longer, longer.shape[1] // TILE, axis=1)
    for part in reversed(parts):
        # What the later parts sum to begins a tile further.
        part = tf.reshape(part, (-1, columns))
        before, behind = part[:TILE], part[TILE:]
        shared = behind.shape[0] if sums.shape[0] else 0
        sums = tf.concat([before, behind + sums[:shared] if shared else behind, sums[shared:]], 0)
    return sums[:size]
