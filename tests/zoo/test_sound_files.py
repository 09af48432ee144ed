"""Sound files as people have them: each is read right, or refused in a line."""

import os
import struct
import wave

import numpy as np
import pytest

from tests.zoo.sounds import tone, write
from zoo.datasets.sound_file import (
    MAX_SECONDS,
    find_sounds,
    read_header,
    read_sound,
    resampled,
)
from zoo.errors import DatasetError


@pytest.mark.parametrize(
    ("name", "subtype", "error"),
    [
        ("a.wav", "PCM_U8", 0.01),
        ("a.wav", "PCM_16", 1e-4),
        ("a.wav", "PCM_24", 1e-6),
        ("a.wav", "PCM_32", 1e-6),
        ("a.WAV", "FLOAT", 1e-6),
        ("a.wav", "DOUBLE", 1e-6),
        ("a.wav", "ULAW", 0.02),
        ("a.flac", "PCM_16", 1e-4),
        ("a.aiff", "PCM_16", 1e-4),
        ("a.ogg", "VORBIS", 0.05),
        ("a.mp3", "MPEG_LAYER_III", 0.1),
    ],
)
def test_every_coding_has_the_same_samples(tmp_path, name, subtype, error):
    samples = tone()
    path = write(tmp_path / name, samples, subtype=subtype)
    read = read_sound(path, 8000)
    assert read.dtype == np.float32 and read.shape == samples.shape
    np.testing.assert_allclose(read, samples, atol=error)


@pytest.mark.parametrize("subtype", ["GSM610", "G721_32"])
def test_codings_of_telephones_which_cannot_seek(tmp_path, subtype):
    path = write(tmp_path / "a.wav", tone(), subtype=subtype)
    read = read_sound(path, 8000, 1600)  # they end with a whole block
    assert np.corrcoef(read, tone())[0, 1] > 0.99


def test_wav_of_the_standard_library(tmp_path):
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.array([0, 16384, -32768], "<i2").tobytes())
    assert read_sound(tmp_path / "a.wav", 8000).tolist() == [0, 0.5, -1]


def test_channels_are_averaged(tmp_path):
    stereo = np.stack([np.full(100, 0.5), np.full(100, -0.25)], axis=1)
    path = write(tmp_path / "a.wav", stereo, subtype="FLOAT")
    np.testing.assert_allclose(read_sound(path, 8000), np.full(100, 0.125))
    assert read_header(path).channels == 2


@pytest.mark.parametrize("rate", [4000, 11_025, 16_000, 44_100])
def test_a_tone_stays_the_tone_at_another_rate(tmp_path, rate):
    path = write(tmp_path / "a.wav", tone(440, 1.0, rate), rate, subtype="FLOAT")
    read = read_sound(path, 8000)
    assert len(read) == 8000
    expected = tone(440, 1.0, 8000)
    np.testing.assert_allclose(read[200:-200], expected[200:-200], atol=0.01)


def test_what_the_lower_rate_cannot_hold_is_filtered_out():
    high = tone(6000, 1.0, 16_000)
    assert np.abs(resampled(high, 16_000, 8000)).max() < 0.1
    assert np.abs(high[::2]).max() > 0.4  # what leaving out samples would make


def test_length_is_cut_or_continued_by_silence(tmp_path):
    path = write(tmp_path / "a.wav", np.full(100, 0.5), subtype="FLOAT")
    assert read_sound(path, 8000, 40).tolist() == [0.5] * 40
    assert read_sound(path, 8000, 120).tolist() == [0.5] * 100 + [0] * 20


@pytest.mark.parametrize("rate", [2999, 8000, 44_100, 192_000])
def test_what_is_cut_changes_nothing_before(tmp_path, rate):
    path = write(tmp_path / "a.wav", tone(440, 3.0, rate), rate, subtype="FLOAT")
    whole = read_sound(path, 8000)[:4000]
    np.testing.assert_array_equal(read_sound(path, 8000, 4000), whole)


def test_what_is_cut_is_looked_at(tmp_path):
    samples = np.append(np.zeros(200_000), np.nan)
    path = write(tmp_path / "a.wav", samples, subtype="FLOAT")
    with pytest.raises(DatasetError, match="holds NaN or infinity; remove it"):
        read_sound(path, 8000, 100)


def _header_with(path, place, form, value):
    content = bytearray(path.read_bytes())
    struct.pack_into(form, content, place, value)
    path.write_bytes(content)


def test_a_wrong_suffix_does_not_matter(tmp_path):
    write(tmp_path / "a.wav", tone())
    (tmp_path / "a.wav").rename(tmp_path / "a.mp3")
    assert len(read_sound(tmp_path / "a.mp3", 8000)) == 1600


def test_a_header_that_says_more_is_seen(tmp_path):
    path = write(tmp_path / "a.wav", tone())
    assert not read_header(path).is_cut_off
    _header_with(path, 40, "<I", 2**31 - 1)
    assert read_header(path).is_cut_off
    assert len(read_sound(path, 8000)) == 1600


@pytest.mark.parametrize("extra", [b"", b"LIST\4\0\0\0INFO"])
def test_a_header_that_says_no_length_has_all_behind_it(tmp_path, extra):
    path = write(tmp_path / "a.wav", tone())
    whole = path.read_bytes()
    path.write_bytes(whole[:36] + extra + b"data\0\0\0\0" + whole[44:])
    header = read_header(path)
    assert (header.samples, header.is_streamed, header.is_cut_off) == (
        1600,
        True,
        False,
    )
    np.testing.assert_allclose(read_sound(path, 8000), tone(), atol=1e-4)


def test_an_hour_whose_header_says_nothing_is_refused_unread(tmp_path):
    path = write(tmp_path / "a.wav", np.zeros(3_700_000), 1000, subtype="PCM_U8")
    _header_with(path, 40, "<I", 0)
    with pytest.raises(DatasetError, match="sounds 1.0 hours, more than 10 minutes"):
        read_header(path)


@pytest.mark.parametrize(
    ("break_", "complaint"),
    [
        (lambda path: write(path, np.zeros(0)), "holds no samples; remove it"),
        (lambda path: path.write_bytes(b""), "is not a readable sound"),
        (lambda path: path.write_text("no sound"), "is not a readable sound"),
        (lambda path: path.write_bytes(os.urandom(500)), "is not a readable sound"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:30]),
            "is not a readable sound|holds no samples",
        ),
        (lambda path: _header_with(path, 24, "<I", 0), "is not a readable sound"),
        (
            lambda path: _header_with(path, 24, "<I", 2**31 - 1),
            "has 2,147,483,647 samples a second by its header",
        ),
        (lambda path: _header_with(path, 22, "<H", 0), "is not a readable sound"),
        (
            lambda path: _header_with(path, 22, "<H", 900),
            "has 900 channels by its header, more than 32",
        ),
        (
            lambda path: write(path, np.zeros(1000 * (MAX_SECONDS + 60)), 1000),
            "sounds 11 minutes, more than 10 minutes; cut it into pieces",
        ),
        (
            lambda path: write(path, np.zeros(3_700_000), 1000, subtype="PCM_U8"),
            "sounds 1.0 hours, more than 10 minutes",
        ),
        (
            lambda path: write(path, np.array([0, np.nan]), subtype="FLOAT"),
            "holds NaN or infinity; remove it",
        ),
        (lambda path: path.unlink(), "There is no file"),
    ],
)
def test_a_hostile_file_is_one_line(tmp_path, break_, complaint):
    path = write(tmp_path / "a.wav", tone())
    break_(path)
    with pytest.raises(DatasetError, match=complaint) as caught:
        read_sound(path, 8000)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_the_headers_rate_is_not_one_to_compute_with(tmp_path):
    path = write(tmp_path / "a.wav", tone())
    _header_with(path, 24, "<I", 7)
    with pytest.raises(DatasetError, match="has 7 samples a second by its header"):
        read_header(path)


def test_sounds_are_found_at_any_depth_and_hidden_files_are_not(tmp_path):
    for name in ("b/c.flac", "a.wav", ".d.wav", ".cache/e.wav"):
        write(tmp_path / name, tone())
    (tmp_path / "notes.txt").write_text("hello")
    os.mkfifo(tmp_path / "pipe.wav")
    sounds, others = find_sounds(tmp_path)
    assert [path.name for path in sounds] == ["a.wav", "c.flac"]
    assert [path.name for path in others] == ["notes.txt"]
