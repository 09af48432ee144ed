"""Trees in brackets: files, parsing in the model, and what models make of them."""

import keras
import numpy as np
import pytest

import zoo
from zoo.datasets import logic
from zoo.datasets.tree_file import parse
from zoo.errors import DatasetError
from zoo.inference.predict import predict
from zoo.models.text import recursive

TREE = "(pos (neg (neg not) (neg bad)) (pos .))"


both = pytest.mark.parametrize("name", ["tree_lstm", "tree_rnn"])


def small(name):
    keras.utils.set_random_seed(0)
    return zoo.create_model(name, vocabulary_size=12, num_classes=3, units=8)


@pytest.fixture
def treebank(tmp_path):
    folder = tmp_path / "bank"
    folder.mkdir()
    for part, count in (("train", 40), ("dev", 10), ("test", 10)):
        rows = [
            f"({'pos' if i % 2 else 'neg'} (other (other film) (other {i % 5})) "
            f"({'pos' if i % 2 else 'neg'} {'good' if i % 2 else 'bad'}))"
            for i in range(count)
        ]
        (folder / f"{part}.ptb").write_text("\n".join(rows) + "\n")
    return folder


def test_phrases_of_a_tree():
    assert parse(TREE) == [
        ("pos", "( ( not bad ) . )"),
        ("neg", "( not bad )"),
        ("neg", "not"),
        ("neg", "bad"),
        ("pos", "."),
    ]
    assert parse("(a Well-Made)") == [("a", "( well - made )")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("(pos good", "not closed"),
        ("(pos good))", "outside"),
        ("(pos)", "is empty"),
        ("(pos ())", "no label"),
        ("(pos (", "no label"),
        ("good", "outside"),
        ("(a b) (c d)", "something follows"),
        ("(" * 50_000, "no label"),
    ],
)
def test_what_is_no_tree(line, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        parse(line)
    path = tmp_path / "a.ptb"
    path.write_text(f"{TREE}\n{line}\n")
    with pytest.raises(DatasetError, match=rf"a\.ptb, line 2: .*{words}"):
        zoo.load_dataset(path)


WORDS = ("fine", "bad")
ROWS = [f"({i % 2} (2 film) (3 (2 is) (4 {WORDS[i % 2]})))" for i in range(20)]


def test_trees_in_a_text_file_are_found(tmp_path):
    for name in ("a.ptb", "a.txt"):
        (tmp_path / name).write_text("\n".join(ROWS))
    expected, found = (zoo.load_dataset(tmp_path / f"a.{s}") for s in ("ptb", "txt"))
    assert (found.task, found.labels) == ("classification", ("0", "1"))
    assert found.train.x.tolist() == expected.train.x.tolist()
    assert found.vocabulary == expected.vocabulary
    assert "20 trees of 2 classes" in found.findings[0].what
    assert zoo.load_dataset(tmp_path / "a.txt", kind="running").labels == ()


def test_trees_in_the_text_files_of_a_folder(tmp_path):
    for part in ("train", "test"):
        (tmp_path / f"{part}.txt").write_text("\n".join(ROWS))
    data = zoo.load_dataset(tmp_path)
    assert data.labels == ("0", "1")
    assert len(data.test.y) == 20


def test_a_damaged_tree_in_a_text_file_is_named(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\n".join([*ROWS, "(1 (2 a) (3 b)", "(1 (2 a) (3 b))"]))
    with pytest.raises(DatasetError, match=r"a\.txt, line 21: a bracket is not closed"):
        zoo.load_dataset(path)


@pytest.mark.parametrize(
    "line", ["(I saw (all) of it)", "(define (f x) (g x))", "(I saw)", "(so) it is ()"]
)
def test_brackets_in_running_text_are_no_trees(line, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(f"{line}\n" * 30)
    assert zoo.load_dataset(path).task == "language_modelling"


def test_deep_trees_are_read():
    line = "(a " * 5_000 + "x" + ")" * 5_000
    assert parse(line)[0] == ("a", "x")


def test_a_file_for_each_split_and_phrases_in_training_alone(treebank):
    data = zoo.load_dataset(treebank)
    assert data.labels == ("neg", "pos")
    assert [len(split.y) for split in data.splits.values()] == [12, 10, 10]
    assert {"good", "bad"} < set(data.train.x)
    assert all(text.startswith("( ") for text in data.test.x)
    assert data.vocabulary.tokens[:4] == ("", "[UNK]", "(", ")")


def test_a_label_of_the_test_alone_is_refused(treebank):
    (treebank / "test.ptb").write_text("(strange (pos a) (neg b))\n")
    with pytest.raises(DatasetError, match="has the label 'strange'"):
        zoo.load_dataset(treebank)


def test_texts_without_brackets_are_refused():
    with pytest.raises(DatasetError, match=r"takes trees in brackets.*\.ptb"):
        zoo.train("tree_lstm", dataset="toy_polarity", epochs=1)


def test_nodes_and_their_places():
    tokens = np.array([[2, 2, 5, 6, 3, 7, 8, 9, 10, 3, 4, 0]], "int32")
    parents, places = map(np.asarray, recursive.parse(tokens, 2, 3))
    # ((5 6) 7 8 9 10) 4
    assert parents.tolist() == [[-2, -2, 4, 4, 9, 9, 9, 9, 9, -1, -1, -2]]
    assert places.tolist() == [[0, 0, 0, 1, 0, 1, 2, 3, 3, 0, 0, 0]]


@both
def test_padding_changes_nothing(name):
    tokens = np.array([[2, 2, 5, 6, 3, 7, 3]])
    model = small(name)
    padded = np.pad(tokens, [(0, 0), (0, 5)])
    np.testing.assert_allclose(model(padded), model(tokens), atol=1e-6)


@both
def test_order_and_brackets_matter(name):
    model = small(name)
    rows = [[2, 2, 5, 6, 3, 7, 3], [2, 5, 2, 6, 7, 3, 3], [2, 2, 6, 5, 3, 7, 3]]
    found = np.asarray(model(np.array(rows)))
    assert min(np.abs(found[i] - found[j]).max() for i, j in ((0, 1), (0, 2))) > 1e-4


@pytest.mark.slow
def test_relations_are_those_of_the_truth_tables():
    data = logic.toy_logic()
    worlds = [dict(zip(logic.VARIABLES, world, strict=True)) for world in logic._WORLDS]
    for text, label in zip(data.test.x[:70], data.test.y[:70], strict=True):
        depth, cut = 0, 0
        inner = text[2:-2].split()
        for place, token in enumerate(inner):
            depth += (token == "(") - (token == ")")
            if depth == 0:
                cut = place + 1
                break
        first, second = (
            [eval(" ".join(part), {}, dict(world)) for world in worlds]
            for part in (inner[:cut], inner[cut:])
        )
        a, b = np.array(first), np.array(second)
        expected = {
            "equivalence": (a == b).all(),
            "negation": (a != b).all(),
            "entailment": (a <= b).all() and (a != b).any(),
            "reverse_entailment": (a >= b).all() and (a != b).any(),
            "alternation": not (a & b).any() and not (a | b).all(),
            "cover": (a | b).all() and (a & b).any(),
        }
        name = data.labels[label]
        assert expected.get(name, True)
        assert sum(expected.values()) == (name != "independence")


@pytest.mark.slow
def test_the_test_split_is_deeper_and_shares_nothing():
    data = zoo.load_dataset("toy_logic")
    operators = {
        part: [sum(t in ("and", "or", "not") for t in x.split()) for x in split.x]
        for part, split in data.splits.items()
    }
    assert max(operators["train"]) <= 8
    assert min(operators["test"]) >= 10
    assert not set(data.train.x) & {*data.validation.x, *data.test.x}
    assert len(set(np.bincount(data.test.y))) == 1


@both
@pytest.mark.slow
def test_a_treebank_is_learned_and_a_tree_predicted(name, treebank, tmp_path):
    run = zoo.train(
        name, dataset=treebank, epochs=15, batch_size=4, output=tmp_path / "run"
    )
    assert run.metrics["accuracy"] == 1.0
    answers = predict(run.directory, ["( ( film 3 ) good )", "( ( film 3 ) bad )"])
    assert [each.top(1)[0][0] for each in answers] == ["pos", "neg"]
