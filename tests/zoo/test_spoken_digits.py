"""Digits spoken by espeak-ng, and waveforms in `.npz` files."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

import zoo
from zoo.datasets import espeak, espeak_digits
from zoo.datasets.espeak import Utterance, speak
from zoo.errors import DatasetError


def test_the_same_words_sound_the_same_in_each_process():
    said = [Utterance("seven", "en-us+f2"), Utterance("two", "en+m3", 120, 70)]
    (first, two), rate = speak(said)
    (again, _), _ = speak(said)
    np.testing.assert_array_equal(first, again)
    assert rate == 22_050
    assert 0.1 < np.abs(first).max() <= 1
    assert len(first) != len(two)


def test_an_unknown_voice_is_one_line():
    with pytest.raises(DatasetError, match=r"^espeak-ng has no voice 'xx\+none'\.$"):
        speak([Utterance("seven", "xx+none")])


def test_without_the_extra_the_command_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(SystemExit, match=r"under the GPL: pip install .*\[voices\]"):
        espeak._library()


def test_the_library_is_not_loaded_into_this_process():
    code = (
        "import sys, zoo; from zoo.datasets.espeak import Utterance, speak; "
        "speak([Utterance('one', 'en')]); "
        "sys.exit('espeakng_loader' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.slow
def test_each_voice_stands_in_one_split(monkeypatch):
    said = []

    def record(utterances):
        said.extend(utterances)
        return [np.zeros(100, "float32")] * len(utterances), 22_050

    monkeypatch.setattr(espeak_digits, "speak", record)
    data = zoo.load_dataset("espeak_digits")
    assert [len(split.y) for split in data.splits.values()] == [1410, 180, 300]
    assert (data.input_shape, data.sampling_rate) == ((6400,), 8000)
    voices = [each.voice.partition("+")[2] for each in said]
    sizes = np.cumsum([0, 1410, 180, 300])
    groups = [set(voices[a:b]) for a, b in itertools.pairwise(sizes)]
    assert [len(group) for group in groups] == [47, 6, 10]
    assert len(set.union(*groups)) == 63
    words = [espeak_digits.WORDS[label] for label in data.train.y]
    assert words == [each.text for each in said[:1410]]


@pytest.mark.slow
def test_the_voices_are_those_of_the_library():
    data = zoo.load_dataset("espeak_digits")
    assert np.abs(data.train.x).max(axis=1).min() > 0.05


def waves(path, **more):
    x = np.random.default_rng(0).normal(size=(60, 400)).astype("float32")
    np.savez(path, x=x, y=np.arange(60) % 3, **more)
    return path


def test_waveforms_in_an_npz_file(tmp_path):
    data = zoo.load_dataset(waves(tmp_path / "a.npz", sampling_rate=8000))
    assert (data.sampling_rate, data.input_shape) == (8000, (400,))
    assert zoo.load_dataset(waves(tmp_path / "b.npz")).sampling_rate is None


@pytest.mark.parametrize("rate", [0, -1, [8000], float("nan"), "8000"])
def test_a_rate_that_is_none_is_refused(rate, tmp_path):
    with pytest.raises(DatasetError, match="`sampling_rate` must be one number of Hz"):
        zoo.load_dataset(waves(tmp_path / "a.npz", sampling_rate=rate))


def test_a_rate_of_pictures_is_refused(tmp_path):
    np.savez(
        tmp_path / "a.npz",
        x=np.zeros((60, 8, 8), "uint8"),
        y=np.arange(60) % 3,
        sampling_rate=8000,
    )
    with pytest.raises(DatasetError, match=r"of shape \(samples, time\)"):
        zoo.load_dataset(tmp_path / "a.npz")
