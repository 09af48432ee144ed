"""Model cards, and what an answer costs."""

import json

import pytest

import zoo
from tests.zoo.rows import ROWS
from zoo.cli.main import run
from zoo.inference.flops import flops


def test_a_card_is_json():
    card = zoo.model_card("lenet5.digits")
    assert json.loads(json.dumps(card))["name"] == "lenet5.digits"


@pytest.mark.parametrize(
    ("name", "arguments", "count"),
    [
        ("softmax_regression", {"input_shape": (7,), "num_classes": 3}, 7 * 3),
        ("mlp", {"hidden_units": (5, 6)}, 4 * 5 + 5 * 6 + 6 * 3),
        # 3 x 3 places of 2 x 2 pixels, then the answer of their maximum.
        ("corner_cnn", {"filters": 8}, 9 * 4 * 8 + 8 * 2),
        # C1 on 28 x 28 places, C3 on 10 x 10, and the dense layers.
        (
            "lenet5.mnist",
            {},
            784 * 25 * 6 + 100 * 25 * 6 * 16 + 400 * 120 + 120 * 84 + 84 * 10,
        ),
        # Eight steps of four gates, from the input and from the state.
        (
            "lstm_classifier",
            {"units": 6, "input_shape": (8, 8, 1), "num_classes": 10},
            8 * (8 + 6) * 4 * 6 + 6 * 10,
        ),
        # Transposed convolutions on the places of their inputs: 2 x 2, then 4 x 4.
        (
            "conv_autoencoder",
            {"filters": (3, 5), "code_units": 4},
            16 * 9 * 3 + 4 * 27 * 5 + 20 * 4 + 4 * 20 + 4 * 9 * 5 * 3 + 16 * 9 * 3,
        ),
    ],
)
def test_multiplications_by_hand(name, arguments, count):
    assert flops(zoo.create_model(name, **arguments)) == 2 * count


def test_sequences_of_any_length_count_as_100_steps():
    row = next(row for row in ROWS if row.name == "tagger")
    model = zoo.create_model("tagger", **row.arguments)
    card = {layer.name: layer for layer in model.layers}
    head = card["logits"].kernel.shape
    assert flops(model) > 2 * 100 * head[0] * head[1]
    assert flops(model) % 100 == 0


def test_what_a_card_tells_of_a_shipped_model():
    card = zoo.model_card("lenet5.mnist")
    assert card["results"]["accuracy"] > 0.98
    assert card["labels"] == list("0123456789")
    assert card["preprocessing"] == ["Normalization: mean and variance learned"]
    assert card["train"] == "zoo train lenet5 --dataset mnist"
    assert card["weights"].startswith("lenet5.mnist-")
    assert "none stated" in card["licence"]


def test_the_page_of_a_card(capsys):
    assert run(["info", "vae"]) == 0
    out = capsys.readouterr().out
    assert r"p(x | z) = \mathrm{Bernoulli}(g(z))" in out
    assert "preprocessing  Rescaling: scale 0.0039" in out
    assert "licence        CC BY 4.0" in out
    assert "decoder (Functional)" in out
