"""The updates of a block against their definition, pair by pair."""

import functools

import numpy as np
import pytest
import tensorflow as tf

from custom_layers.losses.huffman import huffman_codes
from tests.zoo.word2vec import oracle
from zoo.training.word2vec import hierarchical, lower_nodes, rows, trees
from zoo.training.word2vec.blocks import GROUP, SHARED, SIZE, Blocks, draw
from zoo.training.word2vec.cbow import cbow
from zoo.training.word2vec.hierarchical import cbow_with_tree, skip_gram_with_tree
from zoo.training.word2vec.merging import merged
from zoo.training.word2vec.rows import Table, add, products, total
from zoo.training.word2vec.shard import make_shard
from zoo.training.word2vec.skip_gram import skip_gram
from zoo.training.word2vec.trees import Tree, make_tree, top_nodes, upper_paths

WORDS, COLUMNS, WINDOW, NEGATIVES, RATE = 200, 10, 3, 5, 0.01
SIZES = SIZE, GROUP, SHARED


@pytest.fixture(autouse=True)
def without_a_limit(monkeypatch):
    monkeypatch.setattr(rows, "FARTHEST", 1e9)


@pytest.fixture(scope="module")
def blocks():
    generator = np.random.default_rng(0)
    words = generator.integers(2, WORDS, 1500)
    words[::13] = 0
    return draw(
        words,
        np.full(WORDS, 0.9),
        np.arange(2, WORDS, dtype="int32"),
        WINDOW,
        generator,
    )


@pytest.fixture(scope="module")
def tables():
    generator = np.random.default_rng(1)
    return 0.3 * generator.normal(size=(2, WORDS, COLUMNS)).astype("float32")


def run(step, tables, blocks, *tree, count=None, jit=False):
    shard = make_shard(step, jit=jit)
    tables = [tf.constant(table) for table in tables]
    count = len(blocks.words) if count is None else count
    return shard(*tables, blocks, tf.constant(count), tf.constant(RATE), *tree)


def expected(update, tables, blocks):
    v, u = (table.astype("float64") for table in tables)
    loss, count = 0.0, 0
    for place in range(len(blocks.words)):
        block = Blocks(*(array[place] for array in blocks))
        v, u, more, number = update(v, u, block)
        loss, count = loss + more, count + number
    return v, u, loss, count


def compare(found, wanted, before, tolerance=2e-4):
    after = found.vectors.vectors, found.outputs.vectors
    for table, right, start in zip(after, wanted[:2], before, strict=True):
        change, right = table[:, :COLUMNS] - start, right - start
        np.testing.assert_allclose(change, right, atol=tolerance * np.abs(right).max())
    np.testing.assert_allclose(found.loss, wanted[2], rtol=max(tolerance, 1e-4))
    assert found.pairs == wanted[3] > 1000


@pytest.mark.parametrize(
    ("step", "update"),
    [(skip_gram, oracle.ns_skip_gram), (cbow, oracle.ns_cbow)],
)
@pytest.mark.parametrize("jit", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_negative_sampling(step, update, jit, blocks, tables):
    options = {"window": WINDOW, "negatives": NEGATIVES}
    found = run(functools.partial(step, **options), tables, blocks, jit=jit)
    options |= {"sizes": SIZES, "rate": RATE}
    compare(
        found, expected(functools.partial(update, **options), tables, blocks), tables
    )


@pytest.mark.parametrize(
    ("step", "update"),
    [
        (skip_gram_with_tree, oracle.hs_skip_gram),
        (cbow_with_tree, oracle.hs_cbow),
    ],
)
@pytest.mark.parametrize("jit", [False, True])
# The paths of a later chunk see what an earlier one changed: a second-order difference.
@pytest.mark.parametrize(("chunk", "tolerance"), [(SIZE, 2e-4), (64, 0.03)])
@pytest.mark.slow
def test_hierarchical_softmax(
    step, update, jit, chunk, tolerance, blocks, tables, monkeypatch
):
    monkeypatch.setattr(lower_nodes, "CHUNK", chunk)
    monkeypatch.setattr(trees, "FEW", 2 * SIZE)
    counts = np.random.default_rng(2).zipf(1.5, WORDS)
    codes, points = huffman_codes(counts)
    tree = Tree(*map(tf.constant, make_tree(counts, 64)))
    assert tree.points.shape[1] > 1, "some nodes are below the top"
    tables = tables[0], tables[1][:-1]
    step = functools.partial(step, window=WINDOW)
    found = run(step, tables, blocks, tree, jit=jit)
    options = {"window": WINDOW, "rate": RATE, "size": SIZE}
    update = functools.partial(update, codes=codes, points=points, **options)
    compare(found, expected(update, tables, blocks), tables, tolerance)


def test_a_tree_divides_each_path():
    counts = np.random.default_rng(2).zipf(1.5, WORDS)
    codes, points = huffman_codes(counts)
    tree = make_tree(counts, 64)
    for word in range(WORDS):
        path = {
            p: 1 - 2 * c
            for c, p in zip(codes[word], points[word], strict=True)
            if c >= 0
        }
        top = {WORDS - 1 - 64 + k: b for k, b in enumerate(tree.top[word]) if b}
        below = zip(tree.points[word], tree.branches[word], strict=True)
        assert top | {p: b for p, b in below if b} == path
        assert len(top) + tree.lengths[word] == len(path)


@pytest.mark.parametrize(
    ("score", "left", "right"),
    [(0.5, 0.474077, 0.974077), (-100, 85.195648, 0), (100, 0, 100)],
)
def test_losses_at_top_nodes(score, left, right):
    x, u, rate = tf.constant([[1.0]]), tf.constant([[float(score)]]), 0.1
    one, zero = tf.constant([[1.0]]), tf.constant([[0.0]])
    for turns, loss in (((one, zero), left), ((zero, one), right)):
        found = top_nodes(x, u, *turns, rate)[1].loss
        np.testing.assert_allclose(found, loss, rtol=1e-5, atol=1e-4)


def test_only_the_first_blocks_are_run(blocks, tables):
    step = functools.partial(skip_gram, window=WINDOW, negatives=NEGATIVES)
    first = Blocks(*(array[:1] for array in blocks))
    np.testing.assert_array_equal(
        run(step, tables, blocks, count=1).vectors.vectors,
        run(step, tables, first).vectors.vectors,
    )


def test_many_pairs_of_a_word_are_limited(monkeypatch):
    monkeypatch.setattr(rows, "FARTHEST", 2.0)
    table = Table(tf.zeros((3, 1)), tf.zeros(3))
    updates, pairs = tf.ones((3, 1)), tf.constant([6.0, 2.0, 1.0])
    found = add(table, tf.constant([1, 1, 2]), updates, pairs, 0.5)
    assert found.vectors.numpy().ravel().tolist() == [0, 1, 1]
    assert found.pairs.numpy().tolist() == [0, 8, 1]


def test_changes_of_rare_words_add_up_and_so_do_those_of_different_directions():
    before = tf.constant([[1.0, 2.0]] * 5)
    first = [[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]
    second = [[1.0, 0.0], [1.0, 0.0], [0.0, 2.0], [-1.0, 0.0], [1.0, 1.0]]
    pairs = tf.constant([3.0, 9000.0, 9000.0, 9000.0, 9000.0])

    def table(changes):
        return Table(tf.pad(before + tf.constant(changes), ((0, 0), (0, 14))), pairs)

    found = merged(before, [table(first), table(second)]) - before
    wanted = [[2, 0], [1, 0], [1, 2], [0, 0], [1, 1]]
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_what_changes_have_in_common_counts_by_half():
    """cos = .8, so that 1 - .8 ** 3 / 2 = .744 is taken of each."""
    before, pairs = tf.zeros((1, 2)), tf.constant([9000.0])
    first, second = tf.constant([[1.0, 0.0]]), tf.constant([[0.8, 0.6]])
    found = merged(before, [Table(first, pairs), Table(second, pairs)])
    np.testing.assert_allclose(found, 0.744 * (first + second), rtol=1e-6)


def test_nodes_near_the_root_move_after_every_few_vectors(monkeypatch):
    monkeypatch.setattr(trees, "FEW", 2)
    generator = np.random.default_rng(0)
    x, u = (generator.normal(size=size).astype("float32") for size in ((5, 4), (3, 4)))
    left, right = generator.integers(0, 4, (2, 5, 3)).astype("float32")
    moved, changes = u, []
    for part in (slice(0, 2), slice(2, 4), slice(4, 5)):
        dv, few = top_nodes(x[part], moved, left[part], right[part], RATE)
        moved, changes = moved + few.du, [*changes, dv]
    dv, nodes = upper_paths(*map(tf.constant, (x, u, left, right)), RATE)
    np.testing.assert_allclose(dv, np.concatenate(changes), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(u + nodes.du, moved, rtol=1e-5)
    visits = (left + right).T @ (x**2).sum(axis=1) / 8
    np.testing.assert_allclose(nodes.visits, visits, rtol=1e-5)


def test_visits_to_a_node_are_limited(monkeypatch):
    """Seven visits by a vector of square 16 count 14, so that a 7th is left."""
    monkeypatch.setattr(rows, "FARTHEST", 2.0)
    x, u = tf.constant([[4.0]]), tf.constant([[0.0]])
    seven, none = tf.constant([[7.0]]), tf.constant([[0.0]])
    _, nodes = upper_paths(x, u, seven, none, 1.0)
    np.testing.assert_allclose(nodes.du, [[7 * 4 / 2 / 7]])


@pytest.mark.parametrize("window", [1, 4, 5, 20])
def test_windows_of_neighbours_share_vectors(window):
    inside = np.random.default_rng(0).integers(0, 2, (SIZE, 2 * window))
    words, context = np.arange(SIZE), np.arange(SIZE + 2 * window)
    found = hierarchical._tiles(
        tf.constant(words),
        tf.constant(context[:, None], "float32"),
        tf.constant(inside, "float32"),
        window,
    )
    pairs = set()
    for tile, target, vector in np.argwhere(found.pairs.numpy()):
        center = found.words.numpy()[tile, target]
        pairs.add((center, found.vectors.numpy()[tile, vector, 0] - window))
    offsets = np.array(rows.offsets(window))
    wanted = {(j, j + offsets[k]) for j, k in np.argwhere(inside)}
    assert pairs == wanted
    ones = hierarchical._joined(tf.ones_like(found.vectors)).numpy().ravel()
    tiles = found.vectors.numpy()[..., 0].astype(int).ravel()
    np.testing.assert_array_equal(ones, np.bincount(tiles))


@pytest.mark.parametrize("shape", [(1,), (64,), (7, 19)])
def test_a_total(shape):
    values = np.random.default_rng(0).normal(size=shape).astype("float32")
    np.testing.assert_allclose(total(tf.constant(values)), values.sum(), rtol=1e-5)


def test_products_of_rows():
    a, b = np.random.default_rng(0).normal(size=(2, 5, 4, 32)).astype("float32")
    found = products(tf.constant(a), tf.constant(b))
    np.testing.assert_allclose(found, (a * b).sum(axis=-1), rtol=1e-4, atol=1e-5)
