"""Text: files, vocabularies, and what tasks make of them."""

import gzip
import math

import keras
import numpy as np
import pytest

import zoo
from zoo import tasks
from zoo.datasets import Dataset, Split
from zoo.datasets.labelled_text import texts
from zoo.datasets.vocabulary import Vocabulary, words
from zoo.errors import ArgumentError, DatasetError
from zoo.inference.text import generate
from zoo.runs.trained import Trained

LABELLED = "".join(f"{'pos' if i % 2 else 'neg'}\tfilm number {i}\n" for i in range(60))
TAGGED = "the\tDET\nend\tNOUN\n\n" * 40
RUNNING = "".join(f"line {i}\n" for i in range(40))


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        data = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
        return path

    return write


def prepared(task, data, **encoding):
    return tasks.get(task).encode(data, encoding)


class TestFiles:
    @pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz", "a.txt"])
    def test_a_label_and_a_text(self, write, name):
        data = zoo.load_dataset(write(name, LABELLED))
        assert data.task == "classification"
        assert data.labels == ("neg", "pos")
        assert sum(len(split.y) for split in data.splits.values()) == 60
        for text, label in zip(*data.train, strict=True):
            assert int(text.split()[-1]) % 2 == label

    @pytest.mark.parametrize("name", ["a.txt", "a.txt.gz", "a.tsv"])
    def test_a_token_and_a_tag(self, write, name):
        data = zoo.load_dataset(write(name, TAGGED))
        assert data.task == "tagging"
        assert data.labels == ("DET", "NOUN")
        assert [len(split.x) for split in data.splits.values()] == [36, 2, 2]
        assert data.train.x[0] == ["the", "end"]
        assert data.train.y[0].tolist() == [0, 1]

    def test_running_text_keeps_its_order(self, write):
        data = zoo.load_dataset(write("a.txt", RUNNING))
        assert data.task == "language_modelling"
        lines = [line for split in data.splits.values() for line in split.x]
        assert lines == RUNNING.splitlines()

    def test_a_text_of_one_line(self, write):
        data = zoo.load_dataset(write("a.txt", "0123456789" * 10))
        parts = [split.x.tolist() for split in data.splits.values()]
        assert parts == [["0123456789" * 9], ["01234"], ["56789"]]

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["word2vec_skipgram", "char_rnn"])
    def test_a_text_of_one_line_trains(self, write, tmp_path, name):
        path = write("a.txt", "the fox and the dog saw a cat " * 60)
        encoding = {"min_count": 1} if name != "char_rnn" else {"length": 20}
        options = {"epochs": 1, "output": tmp_path / "run", "encoding": encoding}
        options |= {"jit": "off"}
        assert zoo.train(name, dataset=path, **options).history["loss"][0] > 0

    def test_a_sign_within_a_line_does_not_end_it(self, write):
        data = zoo.load_dataset(write("a.txt", "a\x85b\u2028c\r\n" * 40))
        assert set(data.train.x) == {"a\x85b\u2028c"}

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.txt", "", "holds no text"),
            ("a.txt", "one line", "8 characters; a part of them cannot be held out"),
            ("a.txt", b"\xff\xfe\x00", "not UTF-16 text"),
            ("a.tsv", LABELLED + "no tab\n", "line 61: a label and a text"),
            ("a.tsv", "neg\ttwo\ttabs\n", "line 1"),
            ("a.tsv", "a\tx\nb\tx\n\n" * 40, "with 1 tags"),
            ("a.tsv", "neg\tx\n" * 20, "has one class"),
            ("a.tsv", "neg\tx\npos\t \n" * 20, "has one class"),
            ("a.tsv", "a\tN\nb\t\n\n" * 20, "line 2: there is nothing on one side"),
            (
                "a.tsv",
                "a\tpos\nb\tneg\nc\tnone\n",
                "3 labels in 3 rows; a class needs several texts",
            ),
            ("a.tsv", "a\tN\nb\tV\n\n" * 8, "8 sentences with 2 tags"),
            ("a.csv", "n,label\n1,a\n1,a,b\n", "line 3 has 3 columns, the header 2"),
            ("a.csv", "n,label\n1,a\nx,b\n", "line 3, column 'n': 'x' is not a number"),
            ("a.csv", "n,label\n1,\n2,\n", "no row has a label in 'label'"),
            ("a.csv", "length,label\n", "must hold a header"),
            ("a.csv", "5.1,3.5,setosa\n" * 9, "has one class"),
            ("a.csv", "a,a,label\n" + "1,2,x\n" * 9, "different, and holds 'a'"),
            ("a.csv", "n,label\n" + "1,a\n" * 9 + "2,b\n", "samples of 'b', of which"),
        ],
    )
    def test_errors_name_what_is_wrong(self, write, name, content, message):
        with pytest.raises(DatasetError, match=message):
            zoo.load_dataset(write(name, content))

    def test_a_truncated_archive(self, write):
        path = write("a.txt.gz", RUNNING)
        path.write_bytes(path.read_bytes()[:-9])
        with pytest.raises(DatasetError, match="damaged"):
            zoo.load_dataset(path)

    def test_a_missing_file(self, tmp_path):
        with pytest.raises(DatasetError, match="no file"):
            zoo.load_dataset(tmp_path / "none.tsv")

    def test_a_table(self, write):
        rows = "".join(f"{i},{'b' if i % 2 else 'a'},{i}.5\n" for i in range(40))
        data = zoo.load_dataset(write("a.csv", "n,Species,half\n" + rows))
        assert data.labels == ("a", "b")
        assert data.input_shape == (2,)
        for (number, half), label in zip(*data.train, strict=True):
            assert half == number + 0.5
            assert number % 2 == label

    @pytest.mark.parametrize("separator", [";", "\t"])
    def test_a_table_of_other_separators(self, write, separator):
        rows = "".join(f"{'ab'[i % 2]},{i},{i}.5\n" for i in range(40))
        content = ("\ufefflabel,0,1\n" + rows).replace(",", separator)
        data = zoo.load_dataset(write("a.csv", content))
        assert data.labels == ("a", "b")
        assert data.input_shape == (2,)

    def test_files_are_found_by_name(self, write, tmp_path):
        write("mine.tsv.gz", LABELLED)
        data = zoo.load_dataset("mine", data_dir=tmp_path)
        assert data.name == "mine"
        assert data.num_classes == 2


class TestVocabulary:
    def test_the_most_frequent_are_kept(self):
        vocabulary = Vocabulary.of([["b", "a", "a"], ["c", "a", "c"]], size=4)
        assert vocabulary.tokens == ("", "[UNK]", "a", "c")
        assert vocabulary.decode(np.array([2, 1, 0])) == ["a", "[UNK]"]

    def test_endings_stand_for_rare_tokens(self):
        texts = [["runs", "runs", "walking", "Paris", "1984"]]
        vocabulary = Vocabulary.of(texts, size=20, suffix=3)
        tokens = vocabulary.tokens
        assert set(tokens[2:]) == {"runs", "##aing", "##Aris", "##0"}
        known = vocabulary.encode(["talking", "Doris", "42", "runs", "xyz"])
        assert [tokens[i] for i in known] == [
            "##aing",
            "##Aris",
            "##0",
            "runs",
            "[UNK]",
        ]

    def test_a_vocabulary_that_data_brings_is_kept(self):
        data = zoo.load_dataset("toy_polarity")
        known = prepared("classification", data, length=8).vocabulary
        other = zoo.datasets.Dataset(
            "other", data.test, data.test, data.test, data.labels, vocabulary=known
        )
        assert prepared("classification", other, length=8).vocabulary is known


class TestTasks:
    def test_sentences_become_numbers(self):
        raw = zoo.load_dataset("toy_polarity")
        data = prepared("classification", raw, length=8)
        assert data.train.x.shape == (1440, 8)
        first = data.vocabulary.decode(data.train.x[0])
        assert first == words(raw.train.x[0])[:8]
        assert data.validation.x.min() == 0

    def test_long_sentences_are_cut_into_several(self):
        raw = zoo.load_dataset("toy_tags")
        data = prepared("tagging", raw, length=4)
        tokens = sum(len(sentence) for sentence in raw.train.x)
        assert (data.train.y >= 0).sum() == (data.train.x > 0).sum() == tokens
        assert ((data.train.y < 0) == (data.train.x == 0)).all()

    def test_targets_of_a_language_model_come_one_place_later(self):
        data = prepared(
            "language_modelling", zoo.load_dataset("python_topics"), length=7
        )
        np.testing.assert_array_equal(data.train.x[:, 1:], data.train.y[:, :-1])
        np.testing.assert_array_equal(data.train.x[1:, 0], data.train.y[:-1, -1])

    def test_windows_of_a_stride_overlap_in_training_alone(self):
        text = zoo.load_dataset("python_topics")
        data = prepared("language_modelling", text, length=7, stride=3)
        np.testing.assert_array_equal(data.train.x[1:, :4], data.train.x[:-1, 3:])
        np.testing.assert_array_equal(data.test.x[1:, 0], data.test.y[:-1, -1])

    def test_characters_that_training_lacks_are_unknown(self, write):
        text = "ab\n" * 60 + "xy\n" * 3
        data = prepared(
            "language_modelling", zoo.load_dataset(write("a.txt", text)), length=4
        )
        assert "x" not in data.vocabulary.tokens
        assert (data.test.x == 1).any()

    def test_too_little_text_for_a_window(self, write):
        data = zoo.load_dataset(write("a.txt", "ab\n" * 20))
        with pytest.raises(DatasetError, match="a smaller `length`"):
            prepared("language_modelling", data, length=100)

    def test_pixels_are_their_own_targets(self):
        data = prepared("reconstruction", zoo.load_dataset("digits"))
        np.testing.assert_allclose(data.train.y * 16, data.train.x)
        assert prepared("reconstruction", data) is data

    @pytest.mark.parametrize(
        ("name", "dataset", "message"),
        [
            ("mlp", "toy_polarity", "takes numbers"),
            ("text_cnn", "digits", "takes text"),
            ("text_cnn", "python_topics", "no classes"),
            ("tagger", "toy_polarity", "a tag for each token"),
            ("char_rnn", "digits", "needs text"),
            ("transformer", "digits", "needs text"),
            ("translator", "toy_tags", "pairs of a text and its translation"),
            ("autoencoder", "toy_tags", "holds no images"),
            ("autoencoder", "iris", "takes images"),
        ],
    )
    def test_data_of_another_kind_is_refused(self, tmp_path, name, dataset, message):
        with pytest.raises(DatasetError, match=message):
            zoo.train(name, dataset=dataset, output=tmp_path / "run")
        assert not (tmp_path / "run").exists()


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    """A model that has learned to count up to three, and over again."""
    folder = tmp_path_factory.mktemp("writer")
    (folder / "count.txt").write_text("123123123123\n" * 200)
    return zoo.train(
        "char_rnn",
        dataset=folder / "count.txt",
        epochs=8,
        batch_size=4,
        output=folder / "run",
        overrides={"units": (16,), "dropout": 0.0},
        jit="off",
    )


class TestGenerate:
    def test_writes_what_it_learned(self, writer):
        text = generate(writer.directory, "12", length=6, temperature=0)
        assert text == "12312312"

    def test_the_seed_decides(self, writer):
        texts = [
            generate(writer, "12", length=20, temperature=9.0, seed=seed)
            for seed in (0, 0, 1)
        ]
        assert texts[0] == texts[1] != texts[2]
        assert set("".join(texts)) <= set("123\n")

    def test_prompts_longer_than_the_window(self, writer):
        text = generate(writer, "123" * 50, length=3, temperature=0)
        assert text.endswith("123123")

    @pytest.mark.slow
    @pytest.mark.parametrize("name", ["char_gru", "char_rnn", "transformer"])
    def test_steps_write_what_whole_windows_write(self, monkeypatch, name):
        keras.utils.set_random_seed(1)
        letters = Vocabulary(("", "[UNK]", "\n", *"abcde"))
        model = zoo.create_model(name, vocabulary_size=len(letters))
        for weight in model.weights:
            noise = np.random.default_rng(2).normal(size=weight.shape) / 3
            weight.assign(weight + noise)
        held = {"encoding": {"length": 50}, "vocabulary": letters}
        source = Trained(model, name, "language_modelling", **held)
        monkeypatch.setattr("zoo.inference.text.trained", lambda _: source)
        asked = [("", 0.0), ("abc" * 4, 0.0), ("e\u2603d", 0.9)]
        found = [generate(name, p, length=30, temperature=t) for p, t in asked]
        monkeypatch.setattr("zoo.inference.text.step_model", lambda _: None)
        expected = [generate(name, p, length=30, temperature=t) for p, t in asked]
        assert found == expected
        assert [len(text) for text in found] == [30, 42, 33]

    def test_a_character_takes_one_step(self, writer, monkeypatch):
        sizes = []
        step = keras.Model.predict_on_batch

        def counted(model, inputs):
            sizes.append(np.size(inputs["token"]))
            return step(model, inputs)

        monkeypatch.setattr(keras.Model, "predict_on_batch", counted)
        assert generate(writer, "12", length=6, temperature=0) == "12312312"
        assert sizes == [1] * (2 + 6 - 1)

    @pytest.mark.parametrize(
        "wrong", [{"temperature": -1}, {"temperature": math.nan}, {"length": -1}]
    )
    def test_numbers_below_zero(self, writer, wrong):
        with pytest.raises(ArgumentError, match="0 or more"):
            generate(writer, **wrong)

    def test_a_classifier_does_not_write(self):
        with pytest.raises(ArgumentError, match="'mlp.iris' is for classification"):
            generate("mlp.iris")


@pytest.mark.slow
def test_a_run_is_scored_with_its_own_vocabulary(tmp_path, write):
    run = zoo.train("text_cnn", epochs=2, output=tmp_path / "run")
    again = zoo.evaluate(tmp_path / "run")
    assert again == pytest.approx(run.metrics)
    other = write("other.tsv", "pos\tthe film is good .\nneg\tthe film is bad .\n" * 30)
    assert zoo.evaluate(tmp_path / "run", other)["accuracy"] == 1.0


@pytest.mark.parametrize("task", ["classification", "tagging", "language_modelling"])
def test_a_vocabulary_is_that_of_the_training_split(task):
    drawn = {"train": "abc", "validation": "xbc", "test": "ybc"}
    labels = ("first", "second")
    tags = np.array([0, 1, 1])

    def split(letters):
        if task == "classification":
            return Split(texts([" ".join(letters)] * 40), np.arange(40) % 2)
        sentences = texts([list(letters)] * 40)
        return Split(sentences, texts([tags] * 40) if task == "tagging" else sentences)

    splits = {name: split(each) for name, each in drawn.items()}
    letters = Dataset("letters", **splits, labels=labels, task=task)
    data = prepared(task, letters)
    assert data.vocabulary is not None
    known = set(data.vocabulary.tokens)
    assert {"a", "b", "c"} <= known
    assert not {"x", "y"} & known


def test_padding_has_no_part_in_a_transformer_for_sentences():
    """Embeddings and positions that are added by `+` would lose the mask."""
    model = zoo.create_model("text_transformer", vocabulary_size=9, embedding_size=8)
    sentence = np.array([[3, 4, 5, 2]])
    padded = np.pad(sentence, ((0, 0), (0, 6)))
    np.testing.assert_allclose(model(padded), model(sentence), atol=1e-6)
    assert np.isfinite(model(np.zeros((1, 5), "int32"))).all()


def test_dropped_words_lose_all_dimensions():
    keras.utils.set_random_seed(0)
    model = zoo.create_model(
        "text_rnn", vocabulary_size=9, embedding_dropout=0.0, word_dropout=0.5
    )
    layer = next(la for la in model.layers if type(la).__name__ == "Dropout")
    dropped = keras.Model(model.input, layer.output)
    x = np.array(dropped(np.full((4, 50), 3), training=True))
    kept = x.any(axis=-1)
    assert 0.3 < kept.mean() < 0.7
    assert (x[kept] != 0).all()
