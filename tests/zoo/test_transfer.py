"""Trained weights for another purpose: new heads, frozen layers, fine-tuning."""

import json

import numpy as np
import pytest

import zoo
from zoo.datasets import Split
from zoo.errors import ArgumentError, DatasetError, WeightsError


def differing(a, b):
    """Names of the layers whose weights are not the same."""
    weighted = [[layer for layer in m.layers if layer.weights] for m in (a, b)]
    return {
        ours.name
        for ours, theirs in zip(*weighted, strict=True)
        for x, y in zip(ours.get_weights(), theirs.get_weights(), strict=True)
        if x.shape != y.shape or not np.array_equal(x, y)
    }


@pytest.fixture(scope="module")
def shipped():
    return zoo.create_model("lenet5.digits", pretrained=True)


@pytest.fixture(scope="module")
def odd():
    """Digits, but what is asked is whether they are odd."""
    digits = zoo.load_dataset("digits")
    splits = {name: Split(x, y % 2) for name, (x, y) in digits.splits.items()}
    return zoo.Dataset("odd", labels=("even", "odd"), **splits)


def test_another_head_is_new_and_the_rest_is_kept(shipped):
    model = zoo.create_model("lenet5.digits", pretrained=True, num_classes=3)
    assert model.output_shape == (None, 3)
    assert differing(model, shipped) == {"logits"}


def test_a_head_of_the_same_size_is_kept(shipped):
    model = zoo.create_model("lenet5.digits", pretrained=True, num_classes=10)
    assert differing(model, shipped) == set()


def test_another_head_on_the_weights_of_a_run(run):
    model = zoo.create_model("lenet5.digits", weights=run, num_classes=4)
    assert differing(model, run.model) == {"logits"}
    with pytest.raises(WeightsError, match="another model"):
        zoo.create_model("mlp", weights=run.directory, num_classes=4)


def test_another_shape_below_the_head_is_refused(run):
    with pytest.raises(WeightsError, match="layer C1 have the shapes"):
        zoo.create_model(
            "lenet5.digits",
            weights=run.directory,
            num_classes=3,
            input_shape=(8, 8, 3),
        )


def test_without_its_head_a_model_gives_the_features_that_the_head_sees(shipped):
    x = zoo.load_dataset("digits").test.x[:5].astype("float32")
    features = zoo.create_model("lenet5.digits", pretrained=True, headless=True)
    kernel, bias = shipped.get_layer("logits").get_weights()
    np.testing.assert_allclose(
        np.asarray(features(x)) @ kernel + bias, shipped(x), rtol=1e-4, atol=1e-4
    )


def test_models_without_a_head_have_none_to_take_off():
    with pytest.raises(
        ArgumentError, match=r"no layer called 'logits'.*autoencoders\.encoder"
    ):
        zoo.create_model("autoencoder", headless=True)


@pytest.mark.parametrize(
    ("patterns", "trained"),
    [
        ("*", {"logits"}),
        (["C*"], {"F6", "logits"}),
        (["C1", "logi*", "F6"], None),
        ((), {"C1", "C3", "C5", "F6", "logits"}),
    ],
)
def test_frozen_layers_are_not_trained(patterns, trained):
    if trained is None:
        with pytest.raises(ArgumentError, match=r"'logi\*'; they are: .*C1"):
            zoo.create_model("lenet5", freeze=patterns)
        return
    model = zoo.create_model("lenet5", freeze=patterns)
    assert {w.path.split("/")[-2] for w in model.trainable_weights} == trained


@pytest.mark.slow
def test_an_instance_starts_from_its_weights_on_other_data(tmp_path, odd, shipped):
    run = zoo.train("lenet5.digits", dataset=odd, epochs=1, freeze="*", output=tmp_path)
    # What Normalization measured is kept as well.
    assert differing(run.model, shipped) == {"logits"}
    assert run.model.output_shape == (None, 2)
    assert run.metrics["accuracy"] > 0.75  # after one epoch of the head alone
    assert run.config["weights"] == "lenet5.digits"
    assert run.config["freeze"] == ("*",)
    assert zoo.evaluate(tmp_path, odd) == pytest.approx(run.metrics, rel=1e-4)


@pytest.mark.slow
def test_all_layers_are_fine_tuned_unless_frozen(tmp_path, odd, shipped):
    run = zoo.train("lenet5.digits", dataset=odd, epochs=1, output=tmp_path)
    assert {"C1", "C3", "C5", "F6", "logits"} == differing(run.model, shipped)


@pytest.mark.slow
def test_a_run_to_start_from(tmp_path, run, odd):
    # The run was given filters and so on that the architecture has not by itself.
    tuned = zoo.train(
        "lenet5",
        dataset=odd,
        epochs=1,
        weights=run,
        freeze=["C1"],
        output=tmp_path,
    )
    changed = differing(tuned.model, run.model)
    assert "C1" not in changed
    assert {"C3", "logits"} <= changed
    assert json.loads((tmp_path / "config.json").read_text())["weights"] == str(
        run.directory
    )


def test_weights_of_another_architecture(tmp_path, run):
    with pytest.raises(WeightsError, match="those of 'lenet5', not of 'mlp'"):
        zoo.train("mlp", weights=run.directory, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_a_fine_tuning_resumes_only_as_itself(tmp_path, odd):
    zoo.train("lenet5.digits", dataset=odd, epochs=1, freeze="*", output=tmp_path)
    options = {"dataset": odd, "epochs": 2, "output": tmp_path, "resume": True}
    with pytest.raises(zoo.ZooError, match=r"freeze \['\*'\], not \['C\*'\]"):
        zoo.train("lenet5.digits", freeze="C*", **options)
    more = zoo.train("lenet5.digits", **options)
    assert more.config["freeze"] == ("*",)
    assert len(more.history["loss"]) == 2


@pytest.mark.slow
def test_its_own_data_is_learned_from_the_beginning(tmp_path):
    run = zoo.train("mlp.iris", epochs=1, output=tmp_path)
    assert run.config["weights"] is None
    assert run.metrics["accuracy"] < 0.9


def test_an_instance_without_weights_says_what_to_do(tmp_path):
    digits = zoo.load_dataset("digits")
    other = zoo.Dataset("other", labels=digits.labels, **digits.splits)
    with pytest.raises(WeightsError, match="'maxout_mlp.mnist' to start from"):
        zoo.train("maxout_mlp.mnist", dataset=other, output=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_data_of_another_shape_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="input_shape .*train 'mlp' instead"):
        zoo.train("mlp.iris", dataset="digits", output=tmp_path / "run")


@pytest.mark.slow
def test_text_keeps_the_vocabulary_of_the_weights(tmp_path):
    text = tmp_path / "mine.txt"
    text.write_text("To be, or not to be: that is the question?\n" * 200)
    run = zoo.train(
        "char_rnn.tiny_shakespeare",
        dataset=text,
        epochs=1,
        freeze="*",
        output=tmp_path / "run",
    )
    shipped = zoo.create_model("char_rnn.tiny_shakespeare", pretrained=True)
    assert run.model.output_shape == shipped.output_shape
    assert differing(run.model, shipped) == {"logits"}
