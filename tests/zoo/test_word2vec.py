"""Vectors of words: samples, both objectives, what is learned, what is exported."""

import dataclasses
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from zoo.tasks.contexts import Windows

import export
import zoo
from custom_layers import losses
from custom_layers.losses.huffman import huffman_codes
from export import ParityError
from export.formats.saved_model import SavedModel
from zoo import tasks
from zoo.cli.main import run as command_line
from zoo.datasets.vocabulary import Vocabulary, from_json
from zoo.errors import ArgumentError, DatasetError
from zoo.inference.word_vectors import load_vectors
from zoo.tasks.embedding import binary_labels

COUNTS = (0, 0, 1, 1, 1, 1, 1)
VARIANTS = [name for name in zoo.list_models("word2vec_*") if "." not in name]


class Widest:
    """Draws windows as wide as can be, and keeps every word."""

    def integers(self, low, high, size):
        return np.full(size, high - 1)

    def random(self, size):
        return np.zeros(size)


def windows(sentences, window=2, counts=COUNTS, threshold=1.0, generator=None):
    return Windows(sentences, counts, window, threshold, generator or Widest())


@pytest.fixture
def text(tmp_path):
    def text(*lines):
        path = tmp_path / "text.txt"
        path.write_text("\n".join(lines))
        return zoo.load_dataset(path)

    return text


def prepared(data, **encoding):
    plain = {"min_count": 1, "threshold": 1.0}  # of few words, each is frequent
    return tasks.get("embedding").encode(data, plain | encoding)


class TestSamples:
    def test_bags_of_words_by_hand(self):
        rows = windows([[2, 3, 4, 5], [6], [4, 3]]).cbow()
        assert rows.tolist() == [
            [2, 0, 0, 3, 4],
            [3, 0, 2, 4, 5],
            [4, 2, 3, 5, 0],
            [5, 3, 4, 0, 0],
            [4, 0, 0, 3, 0],
            [3, 0, 4, 0, 0],
        ]

    def test_pairs_by_hand(self):
        rows = windows([[2, 3, 4], [6, 5]], window=1).skipgram()
        pairs = [[3, 2], [2, 3], [4, 3], [3, 4], [5, 6], [6, 5]]
        assert rows.tolist() == pairs

    def test_unknown_words_leave_no_gap(self):
        assert windows([[2, 1, 0, 3]], window=1).skipgram().tolist() == [[3, 2], [2, 3]]

    def test_near_words_are_drawn_more_often(self):
        words = np.arange(2, 7)
        counts = np.ones(7)
        generator = np.random.default_rng(0)
        drawn = windows([words] * 3000, 3, counts, 1.0, generator).skipgram()
        distances = np.bincount(np.abs(drawn[:, 0] - drawn[:, 1]), minlength=4)
        # Of five words, 8 pairs stand side by side, 6 and 4 farther apart.
        expected = np.array([8 * 3 / 3, 6 * 2 / 3, 4 * 1 / 3]) * 3000
        np.testing.assert_allclose(distances[1:], expected, rtol=0.03)

    def test_frequent_words_are_dropped_by_their_share(self):
        counts = np.array([0, 0, 90_000, 9_000, 1_000])
        words = np.repeat(np.arange(5), counts)
        generator = np.random.default_rng(0)
        found = windows([words], 1, counts, 0.01, generator).words
        kept = np.bincount(found, minlength=5)[2:] / counts[2:]
        shares = np.array([0.9, 0.09, 0.01])
        np.testing.assert_allclose(kept, np.sqrt(0.01 / shares), rtol=0.03)

    def test_a_line_is_a_sentence(self, text):
        data = prepared(text(*["a b", "c d"] * 20), window=5)
        tokens = data.vocabulary.tokens
        pairs = {(tokens[i], tokens[j]) for i, j in data.train.x}
        assert pairs == {("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")}

    def test_rare_words_are_left_out(self, text):
        data = prepared(text(*["a b"] * 40, "rare a", *["b a"] * 40), min_count=5)
        assert data.vocabulary.tokens == ("", "[UNK]", "a", "b")
        assert data.vocabulary.counts == (0, 0, 73, 72)
        assert from_json({"tokens": ["", "x"], "suffix": 0}).counts == ()

    @pytest.mark.parametrize("architecture", ["cbow", "skipgram"])
    def test_samples_are_the_same_each_time(self, architecture):
        raw = zoo.load_dataset("python_topics")
        first, second = (prepared(raw, architecture=architecture) for _ in range(2))
        np.testing.assert_array_equal(first.test.x, second.test.x)
        assert prepared(first) is first

    def test_lists_of_tokens_are_text(self):
        data = prepared(zoo.load_dataset("toy_tags"))
        assert "the" in data.vocabulary.tokens

    @pytest.mark.parametrize(
        ("lines", "encoding", "message"),
        [
            (["word"] * 40, {}, "has 1 words that occur 1 times or more, two are"),
            (["a b"] * 40, {"min_count": 90}, "has 0 words .* lower `min_count`"),
            (["a", "b"] * 40, {}, r"\(train\) has no two words .* in one line"),
            (["a b"] * 38 + ["a", "b"], {}, r"\(test\) has no two words"),
        ],
    )
    def test_text_that_is_too_short(self, text, lines, encoding, message):
        with pytest.raises(DatasetError, match=message) as caught:
            prepared(text(*lines), **encoding)
        assert "\n" not in str(caught.value)

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


class TestObjectives:
    def test_the_loss_is_that_of_either_objective(self):
        scores = np.random.default_rng(0).normal(size=(4, 6)).astype("float32")
        noise = binary_labels(np.arange(4), Vocabulary(()), negatives=5)
        expected = losses.negative_sampling_loss(noise, scores)
        found = losses.MaskedBinaryCrossentropy(reduction="none")(noise, scores)
        np.testing.assert_allclose(found, expected, rtol=1e-6)
        counts = (0, 0, 7, 3, 2, 2)
        tree = binary_labels(np.arange(6), Vocabulary((), counts=counts), negatives=0)
        codes = huffman_codes(counts).codes
        scores = np.resize(scores, codes.shape)
        expected = losses.hierarchical_softmax_loss(codes, scores)
        found = losses.MaskedBinaryCrossentropy(reduction="none")(tree, scores)
        np.testing.assert_allclose(found, expected, rtol=1e-6)

    @pytest.mark.parametrize("architecture", ["cbow", "skipgram"])
    def test_a_tree_gives_every_word_a_probability(self, architecture):
        """The loss is `-log p(word | context)`, and all `p` sum to one."""
        raw = zoo.load_dataset("python_topics")
        data = prepared(raw, architecture=architecture, negatives=0, min_count=50)
        task = tasks.get("embedding")
        keras.utils.set_random_seed(0)
        model = zoo.create_model("word2vec_cbow_hs", **task.fixed_by_data(data))
        task.inform(model, data)
        scores = model.get_layer("scores")
        scores.kernel.assign(keras.random.normal(scores.kernel.shape))
        words = np.arange(len(data.vocabulary), dtype="int32")
        context = np.tile(data.train.x[:1, 1:], (len(words), 1))
        x = np.concatenate([words[:, np.newaxis], context], axis=1)
        y = binary_labels(words, data.vocabulary, 0)
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
    encoding = recipe.encoding | {"threshold": 1.0}
    (folder / "text.txt").write_text("\n".join(sentences(1500)))
    return zoo.train(
        request.param,
        dataset=folder / "text.txt",
        output=folder / "run",
        overrides={"embedding_size": 8},
        recipe=dataclasses.replace(
            recipe,
            encoding=encoding,
            optimizer=("Adam", {"learning_rate": 0.02}),
            batch_size=64,
            epochs=6,
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
