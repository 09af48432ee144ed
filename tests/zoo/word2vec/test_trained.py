"""Vectors of words: text, both objectives, what is learned, what is exported."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf

import export
import zoo
from custom_layers import losses
from custom_layers.losses.huffman import huffman_codes
from export import ParityError
from export.formats.saved_model import SavedModel
from zoo import tasks
from zoo.cli.main import run as command_line
from zoo.datasets.vocabulary import from_json
from zoo.errors import ArgumentError, DatasetError
from zoo.inference.word_vectors import load_vectors

VARIANTS = [name for name in zoo.list_models("word2vec_*") if "." not in name]


@pytest.fixture
def text(tmp_path):
    def text(*lines):
        path = tmp_path / "text.txt"
        path.write_text("\n".join(lines))
        return zoo.load_dataset(path)

    return text


def prepared(data, **encoding):
    plain = {"min_count": 1, "threshold": 0.0}  # of few words, each is frequent
    return tasks.get("embedding").encode(data, plain | encoding)


def decoded(data, split="train"):
    tokens = data.vocabulary.tokens
    return " ".join(tokens[i] or "/" for i in getattr(data, split).x)


class TestText:
    def test_a_line_is_a_sentence(self, text):
        data = prepared(text(*["a b", "c d"] * 20))
        assert decoded(data) == " ".join(["a b / c d /"] * 20)

    def test_rare_words_are_left_out(self, text):
        data = prepared(text(*["a b"] * 40, "rare a", *["b a"] * 40), min_count=5)
        assert data.vocabulary.tokens == ("", "[UNK]", "a", "b")
        assert data.vocabulary.counts == (0, 0, 81, 80)
        assert from_json({"tokens": ["", "x"], "suffix": 0}).counts == ()

    def test_it_is_learned_from_as_a_whole_unless_a_part_is_held_out(self, text):
        raw = text(*["a b c d"] * 100)
        whole, split_text = (prepared(raw, held_out=share) for share in (0.0, 0.1))
        sizes = [len(split.y) for split in whole.splits.values()]
        assert sizes == [500, 0, 0]
        assert [len(split.y) for split in split_text.splits.values()] == [455, 45, 0]
        assert decoded(split_text, "validation") == " ".join(["a b c d /"] * 9)

    def test_token_ids_are_the_same_each_time(self):
        raw = zoo.load_dataset("python_topics")
        first, second = (prepared(raw) for _ in range(2))
        np.testing.assert_array_equal(first.train.x, second.train.x)
        assert prepared(first) is first

    def test_white_space_alone_may_separate_words(self, text):
        data = prepared(text(*["U.S. law"] * 40), tokens="whitespace")
        assert data.vocabulary.tokens[2:] == ("U.S.", "law")
        data = prepared(text(*["U.S. law"] * 40))
        assert data.vocabulary.tokens[2:] == (".", "law", "s", "u")

    def test_lists_of_tokens_are_text(self):
        data = prepared(zoo.load_dataset("toy_tags"))
        assert "the" in data.vocabulary.tokens

    @pytest.mark.parametrize(
        ("lines", "encoding", "message"),
        [
            (["word"] * 40, {}, "has 1 words that occur 1 times or more, two are"),
            (["a b"] * 40, {"min_count": 90}, "has 0 words .* lower `min_count`"),
            (["a", "b"] * 40, {}, "has no two words .* in one line"),
        ],
    )
    def test_text_that_is_too_short(self, text, lines, encoding, message):
        with pytest.raises(DatasetError, match=message) as caught:
            prepared(text(*lines), **encoding)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("content", ["", "\n \n", "word"])
    def test_a_file_of_nothing(self, tmp_path, content):
        (tmp_path / "text.txt").write_text(content)
        with pytest.raises(DatasetError, match=r"text.txt' has \d words that occur 5"):
            zoo.train(
                "word2vec_skipgram",
                dataset=tmp_path / "text.txt",
                output=tmp_path / "run",
            )
        assert not (tmp_path / "run").exists()

    def test_numbers_are_no_text(self, tmp_path):
        with pytest.raises(
            DatasetError, match="'digits' is for .* embeddings need text"
        ):
            zoo.train("word2vec_cbow", dataset="digits", output=tmp_path / "run")

    def test_an_architecture_that_there_is_not(self, text):
        with pytest.raises(
            ArgumentError, match="must be 'skipgram' or 'cbow'. Rec.*'glove'"
        ):
            prepared(text(*["a b"] * 40), architecture="glove")


def labels_of_tree(counts):
    """1 for the left branch of a node, 0 for the right one, -1 behind the path."""
    codes = huffman_codes(counts).codes
    return np.where(codes < 0, -1, 1 - codes).astype("int8")


class TestObjectives:
    def test_the_loss_is_that_of_either_objective(self):
        scores = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")
        noise = np.tile([1, 0, 0, 0, 0, 0], (4, 1))
        expected = losses.negative_sampling_loss(noise, scores)
        found = losses.MaskedBinaryCrossentropy(reduction="none")(noise, scores)
        np.testing.assert_allclose(found, expected, rtol=1e-6)
        counts = (0, 0, 7, 3, 2, 2)
        tree = labels_of_tree(counts)
        codes = huffman_codes(counts).codes
        scores = np.resize(scores, codes.shape)
        expected = losses.hierarchical_softmax_loss(codes, scores)
        found = losses.MaskedBinaryCrossentropy(reduction="none")(tree, scores)
        np.testing.assert_allclose(found, expected, rtol=1e-6)

    def test_a_tree_gives_every_word_a_probability(self):
        """The loss is `-log p(word | context)`, and all `p` sum to one."""
        data = prepared(zoo.load_dataset("python_topics"), negatives=0, min_count=50)
        task = tasks.get("embedding")
        keras.utils.set_random_seed(0)
        model = zoo.create_model("word2vec_cbow_hs", **task.fixed_by_data(data))
        task.inform(model, data)
        scores = model.get_layer("scores")
        scores.kernel.assign(keras.random.normal(scores.kernel.shape))
        words = np.arange(len(data.vocabulary), dtype="int32")
        context = np.tile([5, 9, 7, 0], (len(words), 1))
        x = np.concatenate([words[:, np.newaxis], context], axis=1)
        y = labels_of_tree(data.vocabulary.counts)
        surprise = np.asarray(
            losses.MaskedBinaryCrossentropy(reduction="none")(y, model(x))
        )
        assert np.exp(-surprise).sum() == pytest.approx(1, abs=1e-5)
        frequent = (y[2:102] >= 0).sum(axis=1).mean()
        assert frequent < (y[-100:] >= 0).sum(axis=1).mean()

    def test_a_model_gets_the_distribution_of_negative_samples(self):
        data = prepared(zoo.load_dataset("python_topics"), negatives=3)
        task = tasks.get("embedding")
        model = zoo.create_model("word2vec_skipgram", **task.fixed_by_data(data))
        task.inform(model, data)
        scores = model.get_layer("scores")
        shares, aliases = (np.asarray(w) for w in (scores.shares, scores.aliases))
        found = shares.copy()
        np.add.at(found, aliases.astype(int), 1 - shares)
        weights = np.array(data.vocabulary.counts) ** 0.75
        np.testing.assert_allclose(
            found / len(found), weights / weights.sum(), rtol=1e-3, atol=1e-7
        )

    def test_padding_is_no_part_of_the_mean(self):
        model = zoo.create_model("word2vec_cbow_hs", vocabulary_size=9, path_length=4)
        hidden = keras.Model(model.input, model.get_layer("mean").output)
        vectors = np.asarray(model.get_layer("embedding").embeddings)
        found = hidden(np.array([[5, 0, 3, 7, 0], [3, 2, 0, 0, 0]]))
        expected = [(vectors[3] + vectors[7]) / 2, vectors[2]]
        np.testing.assert_allclose(found, expected, rtol=1e-6)

    def test_scores_are_products_of_vectors(self):
        model = zoo.create_model("word2vec_skipgram", vocabulary_size=9)
        scores = model(np.array([[5, 3], [2, 4]]))
        vectors = np.asarray(model.get_layer("embedding").embeddings)
        kernel = np.asarray(model.get_layer("scores").kernel)
        expected = (vectors[[3, 4]] * kernel[[5, 2]]).sum(axis=1)
        np.testing.assert_allclose(scores[:, 0], expected, rtol=1e-5)

    @pytest.mark.parametrize("both", [{"path_length": 9}, {"negatives": 0}])
    def test_noise_or_a_tree(self, both):
        with pytest.raises(ArgumentError, match="either `negatives` or `path_length`"):
            zoo.create_model("word2vec_cbow", **both)


def sentences(count):
    """Animals and fruits in the same places: of a kind, all words are used alike."""
    generator = np.random.default_rng(0)
    kinds = [
        (["cat", "dog", "cow"], ["barks", "sleeps", "runs"]),
        (["plum", "pear", "fig"], ["ripens", "falls", "rots"]),
    ]
    for _ in range(count):
        subjects, verbs = kinds[generator.integers(2)]
        yield f"the {generator.choice(subjects)} {generator.choice(verbs)} now"


@pytest.fixture(scope="module", params=VARIANTS)
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    recipe = zoo.model_spec(request.param).recipe
    encoding = recipe.encoding | {"threshold": 0.0}
    (folder / "text.txt").write_text("\n".join(sentences(1500)))
    return zoo.train(
        request.param,
        dataset=folder / "text.txt",
        output=folder / "run",
        overrides={"embedding_size": 8},
        recipe=dataclasses.replace(
            recipe,
            encoding=encoding,
            optimizer=("SGD", {"learning_rate": 0.05}),
            batch_size=2048,
            epochs=30,
        ),
    )


@pytest.mark.slow
class TestTrained:
    def test_words_that_are_used_alike_are_near(self, run):
        vocabulary = from_json(run.config["vocabulary"])
        vectors = np.asarray(run.model.get_layer("embedding").embeddings)
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        animals, fruits = (
            unit[vocabulary.encode(words.split())]
            for words in ("cat dog cow", "plum pear fig")
        )
        alike = np.concatenate([animals @ animals.T, fruits @ fruits.T])
        assert alike.min() > (animals @ fruits.T).max() + 0.2

    def test_neighbours_of_a_word(self, run):
        found = load_vectors(run).nearest("Cat")
        assert {word for word, _ in found[:2]} == {"dog", "cow"}
        cosines = [cosine for _, cosine in found]
        assert cosines == sorted(cosines, reverse=True)
        with pytest.raises(
            ArgumentError,
            match="'kiwi' is not one of the 14 words that have a vector",
        ):
            load_vectors(run.directory).nearest("kiwi")

    def test_neighbours_on_the_command_line(self, run, capsys):
        assert command_line(["neighbours", str(run.directory), "cat", "--json"]) == 0
        found = json.loads(capsys.readouterr().out)["neighbours"]
        expected = dict(load_vectors(run).nearest("cat"))
        assert list(found) == list(expected)
        assert found == pytest.approx(expected)

    def test_the_metrics_are_reproduced_from_the_folder(self, run):
        assert zoo.evaluate(run.directory) == pytest.approx(run.metrics)

    def test_lookup_and_neighbours_are_signatures(self, run, tmp_path):
        artifact = export.export_model(run, tmp_path)
        described = artifact.manifest["signatures"]
        assert described["embedding"]["outputs"].keys() == {"embedding"}
        found = described["nearest"]["outputs"].keys()
        assert found == {"neighbours", "similarities"}
        kept = artifact.manifest["vocabulary"]["tokens"]
        assert kept == run.config["vocabulary"]["tokens"]

        signatures = tf.saved_model.load(artifact.path).signatures
        tokens = np.array([[2, 5, 7], [3, 3, 0]], "int32")
        vectors = np.asarray(run.model.get_layer("embedding").embeddings)
        looked_up = signatures["embedding"](tokens=tf.constant(tokens))
        np.testing.assert_array_equal(looked_up["embedding"], vectors[tokens])
        answer = signatures["nearest"](tokens=tf.constant(tokens))
        count = min(10, len(vectors) - 3)
        assert answer["neighbours"].dtype == tf.int64
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        for place in np.ndindex(tokens.shape):
            token = tokens[place]
            others = np.setdiff1d(np.arange(2, len(vectors)), token)
            cosines = unit[others] @ unit[token]
            nearest = np.argsort(-cosines)[:count]
            np.testing.assert_array_equal(answer["neighbours"][place], others[nearest])
            np.testing.assert_allclose(
                answer["similarities"][place], cosines[nearest], atol=1e-5
            )


@pytest.mark.parametrize("name", ["serving_default", "embedding"])
def test_each_signature_is_compared(tmp_path, monkeypatch, name):
    predict = SavedModel.predict

    def off_by_a_little(format, folder, requests):
        outputs = predict(format, folder, requests)
        for (signature, _), answer in zip(requests, outputs, strict=True):
            if signature == name:
                answer["embedding"] = answer["embedding"] + np.float32(2e-5)
            yield answer

    monkeypatch.setattr(SavedModel, "predict", off_by_a_little)
    model = zoo.create_model("word2vec_cbow", vocabulary_size=20)
    with pytest.raises(ParityError, match="saved_model .*: embedding by"):
        export.export_model(model, tmp_path, formats=["saved_model"])


def test_a_classifier_knows_no_words():
    with pytest.raises(ArgumentError, match="'mlp.iris' is for classification"):
        load_vectors("mlp.iris")
