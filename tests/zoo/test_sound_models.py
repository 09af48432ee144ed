"""Models of sounds: trained on folders, answering files, exported with their rate."""

import json

import numpy as np
import pytest

import zoo
from tests.zoo.sounds import tone, write, write_classes
from zoo.cli.main import run
from zoo.errors import ArgumentError, DatasetError
from zoo.inference.answers.model_answerer import model_input
from zoo.runs.trained import Trained
from zoo.tasks.waveforms import sampling_rate

STILL = {"shift": 0.0, "pitch": 0.0, "speed": 0.0, "mask": 0.0}


@pytest.fixture(scope="module")
def model():
    return zoo.create_model(
        "speech_cnn", input_shape=(1600,), num_classes=2, filters=(4, 4), **STILL
    )


def test_a_quiet_recording_is_the_same_as_a_loud_one(model):
    x = tone(500, 0.2)[None].astype("float32")
    loud, quiet = (model.predict(x * volume, verbose=0) for volume in (1.0, 0.05))
    np.testing.assert_allclose(loud, quiet, atol=1e-3)
    other = model.predict(tone(2000, 0.2)[None].astype("float32"), verbose=0)
    assert np.abs(other - loud).max() > 1e-2


@pytest.mark.parametrize("samples", [np.zeros(1600), np.full(1600, 30.0), tone()])
def test_silence_and_too_loud_sounds_have_finite_answers(model, samples):
    answer = model.predict(samples[None].astype("float32"), verbose=0)
    assert np.isfinite(answer).all() and np.abs(answer).max() < 1e3


def test_the_rate_is_read_off_the_model(model):
    assert sampling_rate(model) == 8000
    assert sampling_rate(zoo.create_model("lenet5")) is None
    takes = model_input(Trained(model, name="mine"))
    assert (takes.kind, takes.rate) == ("sounds", 8000)


@pytest.mark.parametrize("shape", [(100,), (8, 8, 1), (1600, 1)])
def test_what_is_no_waveform_is_refused(shape):
    with pytest.raises(ArgumentError, match=r"must be \(samples,\), of 25 ms or more"):
        zoo.create_model("speech_cnn", input_shape=shape)


def test_a_model_of_another_rate_does_not_fit(tmp_path):
    folder = write_classes(tmp_path / "sounds")
    model = zoo.create_model(
        "speech_cnn", input_shape=(1600,), num_classes=2, sampling_rate=16_000
    )
    model.save(tmp_path / "mine.keras")
    with pytest.raises(DatasetError, match="sampling_rate 16000, .*_rate 8000"):
        zoo.evaluate(tmp_path / "mine.keras", folder)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("speech")
    sounds = write_classes(folder / "sounds", count=30)
    options = {"group": "*_{group}_*", "test_group": "eve", "overrides": STILL}
    run = zoo.train(
        "speech_cnn", dataset=sounds, epochs=12, output=folder / "run", **options
    )
    return run, folder


@pytest.mark.slow
def test_a_held_out_speaker_is_understood(trained):
    run, _ = trained
    assert run.metrics["accuracy"] > 0.9
    assert zoo.evaluate(run.directory)["accuracy"] == run.metrics["accuracy"]


@pytest.mark.slow
def test_files_of_another_rate_and_length_are_answered(trained, capsys):
    result, folder = trained
    stereo = np.stack([tone(1500, 0.5, 22_050)] * 2, axis=1)
    path = write(folder / "new/high.wav", stereo, 22_050)
    capsys.readouterr()
    assert run(["predict", str(result.directory), str(path)]) == 0
    out, err = capsys.readouterr()
    assert "resampled from 22,050 to 8,000 samples a second" in err
    assert "mixed from 2 channels to one, cut from 0.5 to 0.2 seconds" in err
    assert out.splitlines()[1].split("\t")[1] == "high"
    assert run(["predict", str(result.directory), str(folder / "new"), "--json"]) == 0
    (answer,) = json.loads(capsys.readouterr().out)["predictions"]
    assert answer["label"] == "high"


@pytest.mark.slow
def test_the_artifact_knows_the_rate(trained, capsys):
    import export

    result, folder = trained
    artifact = export.export_model(result.directory, folder / "models")
    assert artifact.manifest["preprocessing"]["sampling_rate"] == 8000
    inputs = artifact.manifest["signatures"]["serving_default"]["inputs"]
    assert inputs == {"waveform": {"dtype": "float32", "shape": [None, 1600]}}
    path = write(folder / "low.wav", tone(300, 0.2, 16_000), 16_000)
    capsys.readouterr()
    assert run(["predict", str(artifact.path), str(path)]) == 0
    assert capsys.readouterr().out.splitlines()[1].split("\t")[1] == "low"


def test_a_model_of_pictures_takes_no_sound(tmp_path, capsys):
    path = write(tmp_path / "a.wav", tone())
    assert run(["predict", "lenet5.mnist", str(path)]) != 0
    assert "is a sound; lenet5.mnist takes pictures" in capsys.readouterr().err
