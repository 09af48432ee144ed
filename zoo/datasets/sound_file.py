"""Sound files, read as one channel of samples between -1 and 1."""

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from zoo import bounds
from zoo.datasets.picture_file import is_hidden
from zoo.datasets.streamed_wav import StreamedWav, with_length
from zoo.errors import DatasetError

SUFFIXES = (
    *(".wav", ".wave", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
    *(".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".w64", ".rf64"),
)
MAX_SECONDS = 600  # of one file, which is read whole
MOST_CHANNELS = 32
_RATES = 1_000, 768_000  # samples a second of what is sound
_BLOCK = 1 << 16  # samples read at a time
_LARGEST_DENOMINATOR = 1_000  # of the ratio of two rates
_HALF_FILTER = 10  # half the length of scipy's, by the larger part of the ratio


class SoundHeader(NamedTuple):
    """What a file says of its sound, without its samples.

    Args:
        rate: Samples a second.
        samples: In each channel.
        channels: 2 in stereo.
        is_cut_off: Whether a header says more samples than there are.
        is_streamed: Whether it says no length, and samples stand behind it.
    """

    rate: int
    samples: int
    channels: int
    is_cut_off: bool = False
    is_streamed: bool = False

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return self.samples / self.rate


def find_sounds(folder: Path) -> tuple[list[Path], list[Path]]:
    """Finds the sound files in a folder and its sub-folders, and the other files.

    What is hidden is left out, and what is no regular file.
    """
    sounds, others = [], []
    for path in sorted(_files(folder)):
        (sounds if is_sound(path) else others).append(path)
    return sounds, others


def holds_sounds(folder: Path) -> bool:
    """Returns whether a folder holds sound files, at any depth."""
    return any(map(is_sound, _files(folder)))


def is_sound(path: Path) -> bool:
    """Returns whether a file is called like one of sound.

    >>> is_sound(Path("a/Hello.WAV")), is_sound(Path("a.png"))
    (True, False)
    """
    return path.suffix.lower() in SUFFIXES


def read_header(path: Path) -> SoundHeader:
    """Reads the header of a sound file.

    Raises:
        DatasetError: If it is no sound, an empty or a very long one, or of an unusual
            rate.
    """
    with _opened(path) as file:
        return _header(path, file)


def read_sound(path: Path, rate: int, length: int | None = None) -> np.ndarray:
    """Reads a sound as one channel of a rate.

    Channels are averaged; where the rate is another one, the sound is resampled by a
    polyphase filter. What is behind `length` is cut, what is missing is silence.

    Args:
        path: The file.
        rate: Samples a second.
        length: Number of samples; None for all.

    Returns:
        Samples of 32 bits, shape `(samples,)`, -1 to 1 where the file's are integers.

    Raises:
        DatasetError: If it cannot be read, is empty, or holds NaN or infinity.
    """
    with _opened(path) as file:
        header = _header(path, file)
        most = None if length is None else _used(header.rate, rate, length)
        samples, count = _read_mono(path, file, most)
    if not count:
        raise DatasetError(f"{path} holds no samples; remove it.")
    if count < header.samples:
        raise DatasetError(
            f"{path} is truncated: it has {count:,} samples of the "
            f"{header.samples:,} that its header says; remove it."
        )
    samples = resampled(samples, header.rate, rate)
    return samples if length is None else fitted(samples, length)


def resampled(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Resamples by the ratio of two rates, through a low-pass filter.

    The filter grows with the denominator of the ratio, which is one of at most 1,000
    (those of all common rates are below); sound of an odd rate ends a sample in a
    million too early or too late.

    >>> len(resampled(np.zeros(44_100, "float32"), 44_100, 8_000))
    8000
    """
    if rate == wanted:
        return samples
    from scipy.signal import resample_poly

    return resample_poly(samples, *_ratio(rate, wanted)).astype("float32")


def _ratio(rate: int, wanted: int) -> tuple[int, int]:
    ratio = Fraction(wanted, rate).limit_denominator(_LARGEST_DENOMINATOR)
    return ratio.as_integer_ratio()


def _used(rate: int, wanted: int, length: int) -> int:
    """Returns how many samples have a part in the first `length` resampled ones.

    >>> _used(8_000, 8_000, 100), _used(16_000, 8_000, 100)
    (100, 221)
    """
    if rate == wanted:
        return length
    up, down = _ratio(rate, wanted)
    return -(-(length * down + _HALF_FILTER * max(up, down)) // up) + 1


def fitted(samples: np.ndarray, length: int) -> np.ndarray:
    """Cuts samples at the end, or appends silence.

    >>> fitted(np.array([1, 2, 3]), 2).tolist(), fitted(np.array([1]), 3).tolist()
    ([1, 2], [1, 0, 0])
    """
    samples = samples[:length]
    return np.pad(samples, (0, length - len(samples)))


def _read_mono(path: Path, file: Any, most: int | None) -> tuple[np.ndarray, int]:
    """Reads all samples and averages the channels, block by block.

    Returns:
        The first samples, `most` of them at most, and how many there are.
    """
    parts, kept, count = [np.empty(0, "float32")], 0, 0
    # Not `file.blocks`, which takes no codec that cannot seek, such as GSM.
    while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
        if not np.isfinite(block).all():
            raise DatasetError(f"{path} holds NaN or infinity; remove it.")
        count += len(block)
        if most is None or kept < most:
            parts.append(block.mean(axis=1, dtype="float32"))
            kept += len(block)
    return np.concatenate(parts)[:most], count


def _header(path: Path, file: Any) -> SoundHeader:
    # What libsndfile says of a chunk's size.
    is_cut_off = "should be" in file.extra_info
    is_streamed = isinstance(file.name, StreamedWav)
    header = SoundHeader(
        file.samplerate, file.frames, file.channels, is_cut_off, is_streamed
    )
    low, high = _RATES
    if not low <= header.rate <= high:
        raise DatasetError(
            f"{path} has {header.rate:,} samples a second by its header, sound has "
            f"{low:,} to {high:,}; convert it or remove it."
        )
    if header.channels > MOST_CHANNELS:
        raise DatasetError(
            f"{path} has {header.channels} channels by its header, more than "
            f"{MOST_CHANNELS}; convert it or remove it."
        )
    if not header.samples:
        raise DatasetError(f"{path} holds no samples; remove it.")
    if header.seconds > MAX_SECONDS:
        raise DatasetError(
            f"{path} sounds {_duration(header.seconds)}, more than "
            f"{MAX_SECONDS // 60} minutes; cut it into pieces, or remove it."
        )
    return header


def _duration(seconds: float) -> str:
    """A time for a sentence.

    >>> _duration(3700), _duration(700)
    ('1.0 hours', '12 minutes')
    """
    hours = seconds / 3600
    return f"{hours:.1f} hours" if hours >= 1 else f"{seconds / 60:.0f} minutes"


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import soundfile

    if not path.is_file():
        raise DatasetError(f"There is no file {path}.")
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames or file.format not in ("WAV", "WAVEX"):
                yield file
                return
        with (
            path.open("rb") as raw,
            soundfile.SoundFile(with_length(raw) or path) as file,
        ):
            yield file
    except soundfile.SoundFileRuntimeError as error:
        bounds.check_fetched(path)
        reason = str(error).rpartition(": ")[2].strip().rstrip(".")
        raise DatasetError(
            f"{path} is not a readable sound; remove it. ({reason})"
        ) from error


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(map(is_hidden, path.relative_to(folder).parts))
        if not hidden and path.is_file():
            yield path
