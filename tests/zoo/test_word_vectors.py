"""Word vectors: arithmetic by hand, files beside gensim's, evaluation sets."""

import gzip
import json
import math
from pathlib import Path

import numpy as np
import pytest

import zoo
from zoo.cli.main import run as command_line
from zoo.errors import ArgumentError, DatasetError, MissingDataError, VectorFileError
from zoo.word_vectors import WordVectors
from zoo.word_vectors.evaluation import (
    AnalogySet,
    SimilaritySet,
    read_set,
    word_forms,
)
from zoo.word_vectors.figures import FILES, figures

WORDS = ("man", "woman", "king", "queen", "Paris", "été")
MATRIX = np.array(
    [[1, 0, 0], [0, 1, 0], [1, 0, 2], [0, 1, 2], [3, 3, -1], [0.1, -0.2, -1 / 3]],
    "float32",
)
NAMES = ["v.txt", "v.vec", "v.bin", "v.txt.gz", "v.bin.gz"]


@pytest.fixture
def vectors():
    return WordVectors(WORDS, MATRIX)


def cosine(a, b):
    return a @ b / math.sqrt((a @ a) * (b @ b))


class TestArithmetic:
    def test_similarity_is_the_cosine(self, vectors):
        assert vectors.similarity("king", "queen") == pytest.approx(0.8)
        assert vectors.similarity("man", "woman") == 0

    def test_nearest_to_a_word_and_to_a_vector(self, vectors):
        others = [w for w in WORDS if w != "king"]
        expected = sorted(others, key=lambda w: -cosine(vectors[w], vectors["king"]))
        found = vectors.nearest("king")
        assert [word for word, _ in found] == expected
        assert found[0][1] == pytest.approx(0.8)
        target = vectors["king"] - vectors["man"] + vectors["woman"]
        assert vectors.nearest(target, count=1) == [("queen", pytest.approx(1.0))]

    def test_an_analogy_needs_a_fourth_word(self):
        few = WordVectors(("a", "b", "c"), np.eye(3))
        with pytest.raises(ArgumentError, match="There are 3 words, all of them in"):
            few.analogy("a", "b", "c")

    def test_an_analogy_leaves_the_three_words_out(self, vectors):
        found = vectors.analogy("man", "king", "woman", count=9)
        assert found[0][0] == "queen"
        assert {word for word, _ in found} == {"queen", "Paris", "été"}

    def test_the_word_that_does_not_match(self, vectors):
        assert vectors.doesnt_match(["king", "queen", "Paris"]) == "Paris"
        with pytest.raises(ArgumentError, match="three words or more"):
            vectors.doesnt_match(["king", "queen"])

    def test_words_in_another_case(self, vectors):
        np.testing.assert_array_equal(vectors["PARIS"], MATRIX[4])
        assert "ÉTÉ" in vectors
        assert "London" not in vectors
        both = WordVectors(("Apple", "apple"), MATRIX[:2])
        np.testing.assert_array_equal(both["apple"], MATRIX[1])
        np.testing.assert_array_equal(both["APPLE"], MATRIX[0])

    def test_a_word_without_a_vector(self, vectors):
        with pytest.raises(ArgumentError, match="'kings' is not .* 6 words .* king"):
            vectors["kings"]

    @pytest.mark.parametrize(
        ("words", "matrix", "message"),
        [
            (("a", "b"), MATRIX[:3], "one vector .* 2 words"),
            ((), np.zeros((0, 3)), "one word at least"),
            (("a", "a"), MATRIX[:2], "'a' stands twice"),
            (("a", "b"), [[1.0], [math.nan]], "'b' has a number that is not finite"),
        ],
    )
    def test_what_is_none(self, words, matrix, message):
        with pytest.raises(ArgumentError, match=message):
            WordVectors(words, matrix)

    def test_a_vector_of_zeros_has_no_cosine(self):
        some = WordVectors(("a", "b", "c", "nil"), np.vstack([np.eye(3), np.zeros(3)]))
        for ask in (
            lambda: some.similarity("a", "nil"),
            lambda: some.similarity("nil", "nil"),
            lambda: some.nearest("nil"),
            lambda: some.analogy("a", "b", "nil"),
            lambda: some.doesnt_match(["a", "b", "nil"]),
        ):
            with pytest.raises(ArgumentError, match="The vector of 'nil' is zero"):
                ask()
        with pytest.raises(ArgumentError, match="A vector of zeros has no cosine"):
            some.nearest(np.zeros(3))
        assert [word for word, _ in some.nearest("a")] == ["b", "c"]
        assert [word for word, _ in some.nearest(np.ones(3))] == ["a", "b", "c"]

    def test_words_of_zeros_are_missing_in_evaluations(self):
        matrix = [[1, 0], [1, 1], [0, 1], [2, 1], [0, 0]]
        some = WordVectors(("a", "b", "c", "d", "nil"), matrix)
        pairs = SimilaritySet(
            (("a", "b"), ("a", "c"), ("a", "d"), ("a", "nil")), (2, 1, 3, 9)
        )
        assert pairs.evaluate(some) == (pytest.approx(1.0), 0.25)
        questions = AnalogySet((("a", "b", "c", "nil"), ("a", "d", "c", "b")))
        assert questions.evaluate(some).missing == 0.5

    def test_a_vector_of_another_dimension(self, vectors):
        with pytest.raises(ArgumentError, match=r"shape \(3,\)"):
            vectors.nearest(np.ones(4))


class TestFiles:
    @pytest.mark.parametrize("name", NAMES)
    def test_what_is_written_is_read_to_the_bit(self, vectors, tmp_path, name):
        vectors.save(tmp_path / name)
        found = WordVectors.load(tmp_path / name)
        assert found.words == WORDS
        np.testing.assert_array_equal(found.matrix, MATRIX)
        first = (tmp_path / name).read_bytes()
        vectors.save(tmp_path / name)
        assert (tmp_path / name).read_bytes() == first

    @pytest.mark.parametrize("name", NAMES)
    def test_gensim_reads_what_we_write(self, vectors, tmp_path, name):
        models = pytest.importorskip("gensim.models")
        vectors.save(tmp_path / name)
        found = models.KeyedVectors.load_word2vec_format(
            str(tmp_path / name), binary=".bin" in name
        )
        assert tuple(found.index_to_key) == WORDS
        np.testing.assert_array_equal(found.vectors, MATRIX)

    @pytest.mark.parametrize("binary", [False, True])
    def test_we_read_what_gensim_writes(self, tmp_path, binary):
        models = pytest.importorskip("gensim.models")
        keyed = models.KeyedVectors(3)
        keyed.add_vectors(list(WORDS), MATRIX)
        path = tmp_path / "of_gensim"
        keyed.save_word2vec_format(str(path), binary=binary)
        found = WordVectors.load(path)
        assert found.words == WORDS
        np.testing.assert_array_equal(found.matrix, MATRIX)

    def test_glove_has_no_line_of_sizes(self, tmp_path):
        path = tmp_path / "glove.txt"
        path.write_text("the 0.5 -1 2\n. . 1 2 3\r\n7 1e-3 0 1\n", "utf-8")
        found = WordVectors.load(path)
        assert found.words == ("the", ". .", "7")
        np.testing.assert_allclose(found["7"], [1e-3, 0, 1])

    def test_binary_without_line_ends(self, tmp_path):
        rows = [b"a " + MATRIX[0].tobytes(), b"b " + MATRIX[3].tobytes()]
        (tmp_path / "v").write_bytes(b"2 3\n" + b"".join(rows))
        found = WordVectors.load(tmp_path / "v")
        assert found.words == ("a", "b")
        np.testing.assert_array_equal(found.matrix, MATRIX[[0, 3]])

    def test_twice_and_not_utf_8_is_said(self, tmp_path, capsys):
        (tmp_path / "v").write_bytes(b"3 2\na 1 2\na 3 4\n\xff 5 6\n")
        found = WordVectors.load(tmp_path / "v")
        assert found.words == ("a", "\ufffd")
        assert found["a"].tolist() == [1, 2]
        said = capsys.readouterr().err
        assert "1 words are not UTF-8" in said
        assert "1 words stand twice" in said

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is empty"),
            (b"\n\n", "is empty"),
            (b"hello world\n", "no word vectors: its first line must be"),
            (b"0 3\n", "'0 3', says that it holds no vector"),
            (b"2 3\na 1.00000 2.00000 3\n", "it says 2 vectors and 1 follow"),
            (b"1 3\na 1 2 3\nb 1 2 3\n", "it says 1 vectors and 2 follow"),
            (b"2 2\na 1 2 3\nb 4 5 6\n", "2 of 2 lines have more numbers"),
            (b"1 2\na\t1\t2\t3\n", "1 of 1 lines have more numbers"),
            (b"a 1 2\nb 1 2 3\nc 1 2 3\n", "2 of 3 lines have more numbers"),
            (b"2 3\na 1.00 2 3\nb 1 2\n", "line 3, has 2 numbers, others have 3"),
            (b"2 2\na 1 2 3\nb 1 2 x\n", "'b 1' is not followed by 2 numbers"),
            (b"2 4\na 1.00 2 3\nb 1 2 3\n", "line 2, has 3 numbers, others have 4"),
            (b"1 3\na 1 nan 3\n", "'a' has a number that is not finite"),
            (b"99999999 300\na 1 2 3\n", "do not fit into its 21 bytes"),
            (b"999999999999 999999999999\n", "do not fit"),
            (
                b"2 2\nab \0\0\0\0\0\0\0\0cd \0\0\0\0\0\0\0",
                "vector 2 of 2 is not whole",
            ),
            (b"1 2\na \0\0\0\0\0\0\0\0more", "4 bytes are left"),
            (b"\x1f\x8b\x08\0damaged", "cannot be read"),
        ],
    )
    def test_damaged_files(self, tmp_path, content, message):
        path = tmp_path / "v"
        path.write_bytes(content)
        with pytest.raises(VectorFileError, match=message) as caught:
            WordVectors.load(path)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("name", NAMES)
    def test_a_file_that_is_cut_off_anywhere(self, vectors, tmp_path, name):
        vectors.save(tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        # Without the last line end all is there.
        for end in range(len(whole) - 2):
            (tmp_path / name).write_bytes(whole[:end])
            try:
                found = WordVectors.load(tmp_path / name)
            except VectorFileError:
                continue
            # The last number of a text may lose digits, which nobody can know.
            assert name in ("v.txt", "v.vec")
            np.testing.assert_array_equal(found.matrix[:-1], MATRIX[:-1])

    def test_a_packed_file_that_unfolds_without_end(self, tmp_path):
        path = tmp_path / "v.txt.gz"
        path.write_bytes(gzip.compress(b"9 2\n" + b" " * 10**7))
        with pytest.raises(DatasetError, match="more than 50 times its size"):
            WordVectors.load(path)

    def test_a_missing_file_and_a_folder(self, tmp_path):
        for path in (tmp_path, tmp_path / "none"):
            with pytest.raises(VectorFileError, match="cannot be read"):
                WordVectors.load(path)

    def test_a_word_with_a_space_cannot_be_written(self, tmp_path):
        with pytest.raises(ArgumentError, match="'New York' has white space"):
            WordVectors(("New York",), MATRIX[:1]).save(tmp_path / "v.txt")
        assert not list(tmp_path.iterdir())


class TestEvaluation:
    @pytest.fixture
    def pairs(self, tmp_path):
        path = tmp_path / "pairs.tsv"
        path.write_text(
            "# what people say\nman\tKing\t5\nking\tqueen\t9\nman\twoman\t1\n"
            "queen\tparis\t2\nman\tunknown\t3\n"
        )
        return path

    def test_rank_correlation_by_hand(self, vectors, pairs):
        found = read_set(pairs).evaluate(vectors)
        # Cosines .45, .80, .00, .10: the ranks of 5, 9, 1, 2.
        assert found == (pytest.approx(1), 0.2)
        pairs.write_text(pairs.read_text().replace("\t9", "\t0"))
        # Ranks 3 4 1 2 and 4 1 2 3 (of the scores): 1 - 6 sum(d^2) / (n (n^2 - 1)).
        assert read_set(pairs).evaluate(vectors).value == pytest.approx(-0.2)

    def test_questions_by_hand(self, vectors, tmp_path):
        path = tmp_path / "questions.txt"
        path.write_text(
            ": royal\nman king woman queen\nman king woman Paris\n"
            ": more\nman king woman nobody\nMan woman KING Queen\n"
        )
        found = read_set(path).evaluate(vectors)
        assert found == (pytest.approx(2 / 3), 0.25)

    def test_figures_are_those_of_gensim(self):
        models = pytest.importorskip("gensim.models")
        utilities = pytest.importorskip("gensim.test.utils")
        generator = np.random.default_rng(0)
        sets = {name: utilities.datapath(file) for name, file in FILES.items()}
        pairs = read_set(Path(sets["wordsim353"])).pairs[:200]
        questions = read_set(Path(sets["analogies"])).questions[-500:]
        names = sorted({word.lower() for each in [*pairs, *questions] for word in each})
        vectors = WordVectors(names, generator.normal(size=(len(names), 8)))
        keyed = models.KeyedVectors(8)
        keyed.add_vectors(names, vectors.matrix)
        found = figures(vectors)
        for name in ("wordsim353", "simlex999"):
            _, spearman, missing = keyed.evaluate_word_pairs(sets[name])
            assert found[name] == pytest.approx(spearman.statistic, abs=1e-6)
            assert found[f"{name}_missing"] == pytest.approx(missing / 100)
        accuracy, _ = keyed.evaluate_word_analogies(sets["analogies"])
        assert found["analogies"] == pytest.approx(accuracy)

    def test_word_forms_come_with_the_zoo(self, vectors, monkeypatch, tmp_path):
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
        stranger = WordVectors(("zzz",), [[1.0]])
        assert figures(stranger) == {"word_forms_missing": 1.0}
        assert figures(vectors)["word_forms"] == 0.5  # of man, woman, king and queen
        forms = {w for each in word_forms().questions for w in each}
        perfect = WordVectors(tuple(sorted(forms)), np.eye(len(forms)))
        assert figures(perfect)["word_forms_missing"] == 0

    def test_no_pair_is_known(self, pairs):
        found = read_set(pairs).evaluate(WordVectors(("x",), [[1.0]]))
        assert found == (None, 1.0)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "is empty"),
            ("# nothing\n", "is empty"),
            (": x\n", "is empty"),
            ("a\tb\n", "line 1, must be two words and a number"),
            ("a\tb\t1\na b 1\n", "line 2, must be two words"),
            ("a\tb\tnan\n", "line 1: nan is not finite"),
            (": x\na b c\n", "line 2, must be .* or four words"),
        ],
    )
    def test_sets_that_are_none(self, tmp_path, text, message):
        (tmp_path / "set").write_text(text)
        with pytest.raises(DatasetError, match=message):
            read_set(tmp_path / "set")

    def test_a_set_that_there_is_not(self, vectors, monkeypatch, tmp_path):
        with pytest.raises(MissingDataError, match="no file wordsim354; give one of"):
            figures(vectors, "wordsim354")
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(MissingDataError, match="pip install gensim"):
            figures(vectors, "wordsim353", tmp_path)


class TestCommands:
    @pytest.fixture
    def file(self, vectors, tmp_path):
        path = tmp_path / "vectors.bin"
        vectors.save(path)
        return path

    @pytest.fixture
    def ask(self, capsys):
        def ask(*arguments):
            assert command_line([*map(str, arguments), "--json"]) == 0
            return json.loads(capsys.readouterr().out)

        return ask

    def test_each(self, ask, file, tmp_path):
        found = ask("neighbours", file, "king")["neighbours"]
        assert next(iter(found)) == "queen"
        found = ask("vectors", "analogy", file, "man", "king", "woman")["answers"]
        assert next(iter(found)) == "queen"
        found = ask("vectors", "similarity", file, "king", "QUEEN")
        assert found["similarity"] == pytest.approx(0.8)
        found = ask("vectors", "doesnt-match", file, "king", "queen", "paris")
        assert found["doesnt_match"] == "paris"
        found = ask("vectors", "save", file, tmp_path / "again.txt")
        assert (found["words"], found["dimension"]) == (6, 3)
        assert WordVectors.load(tmp_path / "again.txt").words == WORDS

    def test_figures_of_a_file(self, ask, file, tmp_path):
        path = tmp_path / "pairs.tsv"
        path.write_text("man\tking\t5\nking\tqueen\t9\nman\twoman\t1\n")
        found = ask("evaluate", file, "--dataset", path)["metrics"]
        assert found == {"pairs": pytest.approx(1), "pairs_missing": 0}

    def test_projector(self, ask, file, tmp_path):
        ask("vectors", "projector", file, tmp_path / "logs")
        from google.protobuf import text_format
        from tensorboard.plugins.projector import ProjectorConfig

        config = text_format.Parse(
            (tmp_path / "logs/projector_config.pbtxt").read_text(), ProjectorConfig()
        )
        embedding = config.embeddings[0]
        found = np.loadtxt(tmp_path / "logs" / embedding.tensor_path)
        np.testing.assert_allclose(found, MATRIX, rtol=1e-5)
        words = (tmp_path / "logs" / embedding.metadata_path).read_text("utf-8")
        assert tuple(words.split()) == WORDS

    def test_a_map_of_words_without_end(self, ask, tmp_path):
        words = ("king", "queen", "w" * 10**6)
        WordVectors(words, MATRIX[:3]).save(tmp_path / "v.txt")
        ask("vectors", "map", tmp_path / "v.txt", tmp_path / "map.svg")
        assert (tmp_path / "map.svg").stat().st_size < 10**6

    def test_map(self, ask, file, tmp_path):
        found = ask(
            "vectors", "map", file, tmp_path / "map.png", "king", "man", "queen"
        )
        assert found["words"] == 3
        assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")

    def test_what_cannot_be(self, file, tmp_path, capsys):
        for arguments, message in (
            (["map", file, tmp_path / "map.txt"], "must end in one of .png"),
            (["map", file, tmp_path / "m.png", "king"], "three words or more"),
            (["similarity", file, "king", "emperor"], "'emperor' is not one of"),
            (["similarity", "mlp.iris", "a", "b"], "'mlp.iris' is for classification"),
        ):
            assert command_line(["vectors", *map(str, arguments)]) == 1
            said = capsys.readouterr().err
            assert message in said
            assert said.count("\n") == 1


@pytest.mark.slow
def test_a_model_starts_from_the_vectors_of_its_words(tmp_path):
    data = zoo.load_dataset("toy_polarity")
    words = sorted({w for text in data.train.x for w in text.lower().split()})[5:25]
    generator = np.random.default_rng(0)
    vectors = WordVectors(words, generator.normal(size=(20, 7)))
    run = zoo.train(
        "text_cnn",
        vectors=vectors,
        freeze=["embedding"],
        epochs=1,
        output=tmp_path / "run",
    )
    table = np.asarray(run.model.get_layer("embedding").embeddings)
    tokens = run.config["vocabulary"]["tokens"]
    known = [i for i, token in enumerate(tokens) if token in vectors]
    assert len(known) >= 15
    for i in known:
        np.testing.assert_array_equal(table[i], vectors[tokens[i]])
    others = np.delete(table, known, axis=0)
    assert others.std() == pytest.approx(vectors.matrix.std(), rel=0.15)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("lenet5", {}, "'lenet5.* has no embedding of words"),
        ("char_rnn", {}, "'char_rnn.* has no embedding of words"),
        ("text_cnn", {}, "None of the .* words .* same language"),
        (
            "text_cnn",
            {"overrides": {"embedding_size": 9}},
            "have 3 dimensions, `embedding_size` is 9",
        ),
    ],
)
def test_what_cannot_start_from_vectors(tmp_path, name, options, message):
    vectors = WordVectors(("zzz", "yyy"), MATRIX[:2])
    with pytest.raises(ArgumentError, match=message):
        zoo.train(name, vectors=vectors, output=tmp_path / "run", **options)
    assert not (tmp_path / "run").exists()


def test_vectors_that_are_too_large_to_train_with(tmp_path):
    text = zoo.load_dataset("toy_polarity").train.x[0]
    words = tuple(dict.fromkeys(text.lower().split()))
    signs = (-1.0) ** np.arange(len(words))
    vectors = WordVectors(words, np.outer(signs, [3e38, 2e38]))
    with pytest.raises(ArgumentError, match="up to 3e.38, too large to train"):
        zoo.train("text_cnn", vectors=vectors, epochs=1, output=tmp_path / "run")
