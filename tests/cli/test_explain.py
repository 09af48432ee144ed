"""`zoo explain`: pictures, page and JSON of a sample, or one line of what is wrong."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import zoo
from tests.zoo.pages import Elements
from tests.zoo.subjects import texts_of
from zoo.inference.answers.answerer import Answerer
from zoo.inference.explain import explain_answer
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options
from zoo.reports.drawing import style
from zoo.reports.explanations import draw

SEVEN = Path(__file__).parents[2] / "examples/seven.png"
FEW = "gradient,integrated_gradients,grad_cam"


def test_a_picture(ask, tmp_path):
    folder = tmp_path / "why"
    given = ("explain", "lenet5.mnist", SEVEN, "--methods", FEW)
    code, out, err = ask(*given, "--output", folder)
    assert (code, err) == (0, "")
    answer, page = out.splitlines()
    assert answer.startswith("logit of 7: ")
    assert page == str(folder / "explanation.html")
    pictures = {f"{name}.png" for name in FEW.split(",")}
    assert {each.name for each in folder.iterdir()} == pictures | {
        *("explanation.html", "explanation.json"),
    }
    for name in pictures:
        with Image.open(folder / name) as picture:
            assert picture.width == 900
    shown = Elements((folder / "explanation.html").read_text())
    assert shown.texts("h1") == ["Why lenet5.mnist answers 7"]
    assert shown.texts("h2")[1:] == ["Gradient", "Integrated gradients", "Grad-CAM"]
    assert len(shown.all("img")) == 3
    found = json.loads((folder / "explanation.json").read_text())
    assert found["output"] == "logit of 7"
    integrated = found["methods"]["integrated_gradients"]
    assert np.shape(integrated["attributions"]) == (28, 28)
    assert integrated["completeness_error"] < 0.05
    difference = integrated["at_sample"] - integrated["at_baseline"]
    total = np.sum(integrated["attributions"])
    assert total == pytest.approx(difference, abs=0.05 * abs(difference))


def test_json_writes_nothing(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = ("explain", "lenet5.mnist", SEVEN, "--methods", "gradient", "--json")
    code, out, err = ask(*given, "--target", "1")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert (found["schema_version"], found["output"]) == (1, "logit of 1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lenet5.mnist", "nothing.png"), "zoo: There is no file nothing.png.\n"),
        (
            ("lenet5.mnist", SEVEN, "--target", "seven", "--methods", "gradient"),
            "zoo: Unknown target 'seven'. Nearest: ",
        ),
        (
            ("lenet5.mnist", SEVEN, "--methods", "gradients"),
            "zoo: Invalid value for '--methods': Unknown method 'gradients'. Did you ",
        ),
        (
            ("lenet5.mnist", SEVEN, "--row", "2"),
            f"zoo: {SEVEN} holds 1 samples; there is no row 2.\n",
        ),
        (
            ("mlp.iris", "iris.npy", "--methods", "grad_cam"),
            "zoo: grad_cam cannot be had: only for models with convolutions "
            "that answer with one vector for a sample.\n",
        ),
        (
            ("vae.digits", "digits.npy"),
            "zoo: 'vae.digits' is for generation; what is explained is a class, ",
        ),
    ],
)
def test_errors_are_one_line(ask, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    np.save("iris.npy", np.array([[5.1, 3.5, 1.4, 0.2]], "float32"))
    np.save("digits.npy", np.zeros((1, 8, 8, 1), "float32"))
    code, out, err = ask("explain", *arguments)
    assert (code != 0, out) == (True, "")
    assert err.startswith(said)
    assert err.count("\n") == 1


class Halves(Answerer):
    """Something that only answers: with how bright both halves of a picture are."""

    takes = ModelInput("halves", (4, 4, 1), "classification")
    labels = ("left", "right")

    def outputs(self, samples):
        sums = [
            samples[:, :, half].sum(axis=(1, 2, 3)) for half in (slice(2), slice(2, 4))
        ]
        shares = np.stack(sums, axis=1) + 1e-3
        return {"probabilities": shares / shares.sum(axis=1, keepdims=True)}


def test_what_only_answers_is_explained_by_occlusion(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((1, 4, 4, 1), "float32"))
    found = explain_answer(Halves(), tmp_path / "x.npy", Options(), target="right")
    assert found.case.target.title == "log probability of right"
    assert list(found.explanations) == ["occlusion"]
    values = found.explanations["occlusion"].attributions
    assert (values[:, 2:] > 0).all() and (values[:, :2] < 0).all()
    assert found.left_out["gradient"] == (
        "halves only answers, and this needs the model itself: give a run folder or a "
        ".keras file"
    )
    page = found.save(tmp_path / "why")
    assert "halves only answers" in page.read_text()


class Praise(Answerer):
    """Something that takes texts, and counts a word."""

    takes = ModelInput("praise", (None,), "regression", takes_text=True)

    def outputs(self, samples):
        counts = [[float(text.split().count("good"))] for text in samples]
        return {"predictions": np.array(counts)}


def test_words_of_a_text_are_left_out(tmp_path):
    found = explain_answer(Praise(), "a good <b> film", Options())
    assert found.case.names == ("a", "good", "<b>", "film")
    values = found.explanations["occlusion"].attributions
    assert values.tolist() == [0.0, 1.0, 0.0, 0.0]
    page = found.save(tmp_path / "why").read_text()
    assert "rgba(200, 40, 40, 0.70)" in page
    assert "&lt;b&gt;" in page


def test_frames_of_a_video_are_drawn(tmp_path):
    inputs = keras.Input((5, 4, 4, 1))
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(inputs)))
    np.save(tmp_path / "x.npy", np.ones((1, 5, 4, 4, 1), "float32"))
    methods = ["gradient", "integrated_gradients", "occlusion"]
    found = zoo.explain(model, tmp_path / "x.npy", methods=methods)
    shapes = [each.attributions.shape for each in found.explanations.values()]
    assert shapes == [(5, 4, 4), (5, 4, 4), (5,)]
    with style():
        figure = draw("Gradient", found, found.explanations["gradient"])
        assert [f"frame {i}" in texts_of(figure) for i in (1, 5, 6)] == [1, 1, 0]
    found.save(tmp_path / "why")


@pytest.mark.slow
def test_an_artifact_is_explained_by_its_answers(ask, finished, tmp_path):
    _, artifact = finished
    np.save(tmp_path / "x.npy", np.array([[5.1, 3.5, 1.4, 0.2]], "float32"))
    output = tmp_path / "why"
    code, out, err = ask("explain", artifact, tmp_path / "x.npy", "--output", output)
    assert code == 0
    assert out.startswith("log probability of ")
    assert err.count("\n") == 1
    assert err.startswith("left out: reconstruction_error, gradient, gradient_times")
    assert (output / "occlusion.png").exists()


@pytest.mark.slow
def test_every_kind_of_sample_is_drawn(tmp_path):
    text = zoo.train("text_cnn", epochs=1, output=tmp_path / "text")
    sound = zoo.train("speech_cnn", epochs=1, output=tmp_path / "sound")
    np.save(tmp_path / "s.npy", zoo.load_dataset("toy_sounds").test.x[:1])
    np.save(tmp_path / "w.npy", 20 + np.sin(np.arange(168.0))[np.newaxis, :, None])
    np.save(tmp_path / "i.npy", np.array([[5.1, 3.5, 1.4, 0.2]]))
    for model, source, names in (
        (text, "a good film", 3),
        (sound, tmp_path / "s.npy", 0),
        ("forecaster.toy_series", tmp_path / "w.npy", 0),
        ("mlp.iris", tmp_path / "i.npy", 0),
    ):
        found = zoo.explain(model, source)
        figures = found.explanations["integrated_gradients"].figures
        assert figures["completeness_error"] < 0.05
        assert len(found.case.names) == names
        found.save(tmp_path / "why")
