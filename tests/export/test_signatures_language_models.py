"""`step` and `generate` of language models."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import export
import zoo
from export.signature import signature_of
from export.signatures import language_models
from zoo.datasets.vocabulary import Vocabulary
from zoo.inference.stepping import step_model
from zoo.inference.text import generate
from zoo.runs.trained import Trained

NAME = "char_gru.tiny_shakespeare"
BOTH = pytest.mark.parametrize("format", ["saved_model", "onnx"])


def zeros(artifact, batch):
    inputs = artifact.manifest["signatures"]["step"]["inputs"]
    return {
        name: np.zeros((batch, *each["shape"][1:]), each["dtype"])
        for name, each in inputs.items()
        if name != "token"
    }


@pytest.mark.slow
@BOTH
@pytest.mark.parametrize(
    ("name", "states"),
    [
        (NAME, ["state_0"]),
        pytest.param(
            "char_rnn.tiny_shakespeare",
            ["state_0", "state_1"],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_steps_are_the_whole_model(shipped, answer, format, name, states):
    artifact, model = shipped(name), zoo.create_model(name, pretrained=True)
    ids = np.random.default_rng(0).integers(2, 67, (3, 5)).astype("int32")
    logits = model(ids, training=False).numpy()
    carry = zeros(artifact, 3)
    assert list(carry) == states
    for position in range(ids.shape[1]):
        inputs = {"token": ids[:, position], **carry}
        found = answer(artifact, "step", inputs, format)
        np.testing.assert_allclose(found["logits"], logits[:, position], atol=1e-4)
        weights = np.exp(logits[:, position])
        expected = weights / weights.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(found["probabilities"], expected, atol=1e-5)
        carry = {state: found[f"next_{state}"] for state in states}


def request(prompts, length=40, temperature=0.0, seed=0):
    count = len(prompts)
    return {
        "prompt": np.array(prompts),
        "length": np.full(count, length, "int32"),
        "temperature": np.full(count, temperature, "float32"),
        "seed": np.full(count, seed, "int64"),
    }


@pytest.mark.slow
def test_greedy_decoding_is_that_of_zoo_generate(shipped, answer):
    """Beyond the window of the training, 100 characters, too."""
    prompts = ["ROMEO: ", "The ", "", "été: "]
    found = answer(shipped(NAME), "generate", request(prompts, 120))["text"]
    expected = [generate(NAME, each, length=120, temperature=0) for each in prompts]
    assert found.tolist() == expected


@pytest.mark.slow
def test_sampling_is_by_cumulative_probabilities(shipped, answer):
    """Computed with NumPy from the logits of the whole model, as `zoo generate`."""
    model = zoo.create_model(NAME, pretrained=True)
    tokens = shipped(NAME).manifest["vocabulary"]["tokens"]
    text = "To be, or "
    uniforms = tf.random.stateless_uniform(
        (1000,), [11, 0], dtype="float64", alg="philox"
    )
    for uniform in np.asarray(uniforms)[:12]:
        ids = np.array([[tokens.index(letter) for letter in text]], "int32")
        logits = model(ids, training=False).numpy()[0, -1, 2:].astype("float64")
        cumulative = np.cumsum(np.exp((logits - logits.max()) / np.float32(0.8)))
        text += tokens[2 + np.searchsorted(cumulative / cumulative[-1], uniform)]
    inputs = request(["To be, or "], 12, 0.8, 11)
    assert answer(shipped(NAME), "generate", inputs)["text"].tolist() == [text]


def test_each_row_has_its_own_length_temperature_and_seed(shipped, answer):
    artifact = shipped(NAME)
    rows = [("A", 5, 1.0, 1), ("Brutus, ", 0, 1.0, 1), ("A", 30, 1.0, 1),
            ("A", 30, 1.0, 2), ("A", 30, 0.0, 2)]  # fmt: skip
    columns = dict(zip(request([""]), zip(*rows, strict=True), strict=True))
    types = ("U", "int32", "float32", "int64")
    inputs = {
        key: np.array(column, dtype)
        for (key, column), dtype in zip(columns.items(), types, strict=True)
    }
    together = answer(artifact, "generate", inputs)["text"].tolist()
    alone = [
        answer(artifact, "generate", {k: v[i : i + 1] for k, v in inputs.items()})
        for i in range(len(rows))
    ]
    assert together == [each["text"][0] for each in alone]
    assert [len(text) for text in together] == [6, 8, 31, 31, 31]
    assert together[2].startswith(together[0])
    assert len(set(together[2:])) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"length": np.array([-1], "int32")}, "`length` must be 0 to 1000"),
        ({"length": np.array([1001], "int32")}, "`length` must be 0 to 1000"),
        ({"temperature": np.float32([-1])}, "`temperature` must be 0 or more"),
        ({"temperature": np.float32([np.nan])}, "`temperature` must be 0 or more"),
    ],
)
def test_a_request_out_of_range_is_refused(shipped, answer, change, message):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        answer(shipped(NAME), "generate", request(["a"]) | change)


@pytest.fixture(scope="module", params=["transformer", "transformer_rotary"])
def trained_transformer(request):
    """An untrained one of ten characters of context, with a vocabulary."""
    keras.utils.set_random_seed(1)
    letters = Vocabulary(("", "[UNK]", "\n", *"abcde"))
    options = {"embedding_size": 8, "depth": 2, "heads": 2}
    model = zoo.create_model(
        request.param, vocabulary_size=len(letters), length=10, **options
    )
    for weight in model.weights:
        weight.assign(weight + np.random.default_rng(2).normal(size=weight.shape) / 3)
    return Trained(model, request.param, "language_modelling", vocabulary=letters)


@pytest.mark.slow
def test_a_transformer_goes_on_behind_its_context(trained_transformer):
    """Learned positions begin anew from half of it, rotary ones go on."""
    source = trained_transformer
    found = language_models.signatures(source, signature_of(source.model))
    inputs = request(["ab", "cdeabcde", ""], length=15)
    graph = found["generate"].function()
    texts = graph(*(tf.constant(each) for each in inputs.values()))["text"].numpy()
    assert [text.decode() for text in texts] == found["generate"](inputs)[
        "text"
    ].tolist()
    ids, read = source.vocabulary.encode("ab").tolist(), 0
    while len(ids) < 17:
        if source.name == "transformer" and len(ids) - read > 10:
            read = len(ids) - 6  # five of the ten, and the next one
        logits = source.model(np.array([ids[read:]]), training=False)[0, -1]
        ids.append(2 + int(np.argmax(logits[2:])))
    assert texts[0].decode() == "".join(source.vocabulary.tokens[i] for i in ids)


def test_generation_is_tensorflows_own(shipped):
    signatures = shipped(NAME).manifest["signatures"]
    assert signatures["generate"]["formats"] == ["saved_model"]
    assert signatures["step"]["formats"] == ["saved_model", "onnx"]


@pytest.mark.slow
def test_a_model_without_a_vocabulary_has_steps_alone(tmp_path):
    model = zoo.create_model("char_gru", units=(4,), embedding_size=3)
    artifact = export.export_model(model, tmp_path, formats=["saved_model"])
    assert "step" in artifact.manifest["signatures"]
    assert "generate" not in artifact.manifest["signatures"]


def _chain(*layers):
    tokens = keras.Input((None,), dtype="int32")
    x = tokens
    for layer in layers:
        x = layer(x)
    return keras.Model(tokens, x)


def test_only_chains_that_read_from_left_to_right_have_steps():
    from custom_layers import LSTM, Bidirectional, Dense, Embedding

    embed = Embedding(5, 3)
    masked = Embedding(5, 3, mask_zero=True)
    lstm = LSTM(4, return_sequences=True)
    backwards = LSTM(4, return_sequences=True, go_backwards=True)
    both = Bidirectional(LSTM(4, return_sequences=True))
    assert step_model(_chain(embed, lstm, Dense(5))) is not None
    assert step_model(_chain(embed, backwards, Dense(5))) is None
    assert step_model(_chain(embed, both, Dense(5))) is None
    assert step_model(_chain(masked, LSTM(4, return_sequences=True), Dense(5))) is None
