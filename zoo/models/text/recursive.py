"""Recursive networks on bracketed texts (Socher et al., 2013; Tai et al., 2015).

Train with `zoo train tree_lstm` or `zoo train tree_rnn`, on trees of your own by
`--dataset trees.ptb`.
"""

import keras
from keras import ops

from custom_layers import ChildSumTreeLSTM, Dense, Dropout, Embedding, TreeRNN
from zoo.registry import Recipe, register

PAPER = (
    "Tai, Socher and Manning, 2015, Improved semantic representations from "
    "tree-structured long short-term memory networks"
)
RECURSIVE_PAPER = (
    "Socher et al., 2013, Recursive deep models for semantic compositionality over a "
    "sentiment treebank (RNN)"
)
LOGIC = Recipe(
    dataset="toy_logic",
    encoding={"length": 80},
    optimizer=("Adam", {"learning_rate": 3e-3, "global_clipnorm": 1.0}),
    schedule=("CosineDecay", {}),
    batch_size=64,
    epochs=10,
)
_LONGEST = 2**20  # tokens of a text
_PLACES = 4  # among siblings that are told apart


@register("tree_lstm", recipe=LOGIC, input="tokens", paper=PAPER)
def tree_lstm(
    vocabulary_size: int = 20_000,
    num_classes: int = 2,
    *,
    embedding_size: int = 64,
    units: int = 64,
    embedding_dropout: float = 0.0,
    dropout: float = 0.0,
    opening: int = 2,
    closing: int = 3,
) -> keras.Model:
    r"""Tree LSTM along the brackets of a text: token ids to logits.

    .. math::

        x_j = e(w_j) + p(k_j), \quad
        (h_j, c_j) = \mathrm{cell}\big(x_j, \{(h_k, c_k) : k \in C(j)\}\big), \quad
        \text{logits} = V h_{root} + c

    A word :math:`w_j` is a leaf, and the closing bracket stands for the node of what it
    closes. The cell adds its children up, so that an embedding :math:`p` says which
    place :math:`k_j` a node has among them. A text without brackets is a bag of words.

    Args:
        vocabulary_size: Vocabulary size, including padding and unknown words.
        num_classes: Number of logits.
        embedding_size: Dimension of the word embeddings.
        units: Dimension of the state of a node.
        embedding_dropout: Fraction of the inputs to drop during training.
        dropout: Fraction of the root's output to drop during training.
        opening: Id of the opening bracket.
        closing: Id of the closing bracket.
    """
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    parents, places = parse(tokens, opening, closing)
    x = Embedding(vocabulary_size, embedding_size, name="embedding")(tokens)
    # Large at first, so that the gates tell places apart from the beginning.
    spread = keras.initializers.RandomNormal(stddev=1.0)
    of_place = Dense(
        embedding_size, use_bias=False, kernel_initializer=spread, name="places"
    )
    x = x + of_place(ops.one_hot(places, _PLACES))
    x = Dropout(embedding_dropout)(x)
    root = ChildSumTreeLSTM(units, name="tree")(x, parents)
    x = Dropout(dropout)(root)
    return keras.Model(tokens, Dense(num_classes, name="logits")(x))


@register("tree_rnn", recipe=LOGIC, input="tokens", paper=RECURSIVE_PAPER)
def tree_rnn(
    vocabulary_size: int = 20_000,
    num_classes: int = 2,
    *,
    embedding_size: int = 64,
    units: int = 64,
    embedding_dropout: float = 0.0,
    dropout: float = 0.0,
    opening: int = 2,
    closing: int = 3,
) -> keras.Model:
    r"""Recursive network along the brackets of a text: token ids to logits.

    .. math::

        h_j = \tanh(W e(w_j) + b), \quad
        h_j = \tanh(R [h_{left}; h_{right}] + W e(\text{closing}) + b), \quad
        \text{logits} = V h_{root} + c

    for a word :math:`w_j` and for a node, which has the embedding of its closing
    bracket. Of more than two children, those behind the first count as right ones and
    are added up.

    Args:
        vocabulary_size: Vocabulary size, including padding and unknown words.
        num_classes: Number of logits.
        embedding_size: Dimension of the word embeddings.
        units: Dimension of the state of a node.
        embedding_dropout: Fraction of the inputs to drop during training.
        dropout: Fraction of the root's output to drop during training.
        opening: Id of the opening bracket.
        closing: Id of the closing bracket.
    """
    tokens = keras.Input((None,), dtype="int32", name="tokens")
    parents, _ = parse(tokens, opening, closing)
    x = Embedding(vocabulary_size, embedding_size, name="embedding")(tokens)
    x = Dropout(embedding_dropout)(x)
    root = TreeRNN(units, name="tree")(x, parents)
    x = Dropout(dropout)(root)
    return keras.Model(tokens, Dense(num_classes, name="logits")(x))


def parse(
    tokens: keras.KerasTensor, opening: int, closing: int
) -> tuple[keras.KerasTensor, keras.KerasTensor]:
    r"""Token ids of a bracketed text to the nodes of its tree.

    .. math::

        d_t = \sum_{s \le t} [w_s = \text{opening}] - [w_s = \text{closing}], \qquad
        \mathrm{parent}(t) = \min \{ s > t : w_s = \text{closing},\, d_s = d_t - 1 \}

    Args:
        tokens: `(batch, time)`, integers, 0 for padding.
        opening: Id of the opening bracket.
        closing: Id of the closing bracket.

    Returns:
        Integers `(batch, time)`: the position of the parent of a node, -1 of a root, -2
        where there is no node; and the place of a node among its siblings, 0 for the
        first, 3 for the fourth and later ones.

    Example:

    >>> parents, places = parse(ops.array([[2, 2, 5, 6, 3, 7, 3, 0]]), 2, 3)
    >>> ops.convert_to_numpy(parents).tolist()  # of ((5 6) 7)
    [[-2, -2, 4, 4, 6, 6, -1, -2]]
    >>> ops.convert_to_numpy(places).tolist()
    [[0, 0, 0, 1, 0, 1, 0, 0]]
    """
    # No `ops.cast`: the outputs of a task have one, and names of a model are unique.
    opens = ops.where(ops.equal(tokens, opening), 1, 0)
    closes = ops.where(ops.equal(tokens, closing), 1, 0)
    depth = ops.cumsum(opens - closes, axis=1)
    time = ops.cumsum(ops.ones_like(tokens), axis=1) - 1
    later = ops.expand_dims(time, 1) > ops.expand_dims(time, 2)
    around = ops.equal(ops.expand_dims(depth, 2) - 1, ops.expand_dims(depth, 1))
    around = around & later & ops.expand_dims(ops.equal(closes, 1), 1)
    # The first closing bracket around a token is the farthest one from the end.
    first = ops.max(ops.where(around, _LONGEST - ops.expand_dims(time, 1), 0), axis=2)
    parents = ops.where(first > 0, _LONGEST - first, -1)
    parents = ops.where(ops.equal(tokens, 0) | ops.equal(opens, 1), -2, parents)
    siblings = ops.equal(ops.expand_dims(parents, 2), ops.expand_dims(parents, 1))
    elder = ops.sum(ops.where(siblings & ~later, 1, 0), axis=2) - 1
    return parents, ops.where(parents < 0, 0, ops.minimum(elder, _PLACES - 1))
