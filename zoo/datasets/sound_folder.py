"""A folder of sounds with a sub-folder for each class."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.class_folders import Medium, read_class_folders
from zoo.datasets.dataset import Dataset, Split, make_dataset
from zoo.datasets.dataset_type import DatasetType, register_dataset_type
from zoo.datasets.file_groups import File
from zoo.datasets.finding import Finding
from zoo.datasets.picture_file import holds_pictures
from zoo.datasets.sound_file import (
    SoundHeader,
    find_sounds,
    holds_sounds,
    read_header,
    read_sound,
)
from zoo.datasets.storage import Samples

SOUNDS = Medium("sounds", find_sounds, holds_sounds)
HIGHEST_RATE = 16_000  # samples a second, enough for speech
QUANTILE = 0.98  # of the training sounds, which are read to their end
_WORTH_WARNING = 0.1

Headers = dict[str, list[SoundHeader]]


def load(
    path: Path,
    *,
    rate: int | None = None,
    seconds: float | None = None,
    group: str | None = None,
    test_group: Sequence[str] = (),
) -> Dataset:
    """Loads `<path>/<class>/<sound>`, or `<path>/<split>/<class>/<sound>`.

    The splits have any of their usual names, such as `Training` and `val`. Sounds are
    one channel, the mean of those there are, between -1 and 1; of one rate, by
    resampling, and one length, cut or continued by silence at their end.

    Args:
        path: The folder.
        rate: Samples a second; the commonest of the training sounds if None, at most
            16,000.
        seconds: How long samples are; if None, as the training sounds that 98 % do not
            exceed.
        group: Where the files' names say a group, such as the speaker, see
            `file_groups.groups_of`: no group stands in two splits.
        test_group: Groups of the test split; drawn if none.

    Raises:
        DatasetError: If a class has no sounds, or one is unreadable, empty, or longer
            than ten minutes.
    """
    folders = read_class_folders(path, SOUNDS, group, test_group)
    headers = {
        part: [read_header(file.path) for file in files]
        for part, files in folders.files.items()
    }
    rate = rate or _commonest_rate(headers["train"])
    length = _length(headers["train"], rate, seconds)
    splits = {
        part: Split(_samples(files, rate, length), folders.targets(part))
        for part, files in folders.files.items()
    }
    held_out = splits.get("test"), splits.get("validation")
    data = make_dataset(str(path), folders.labels, splits["train"], *held_out)
    findings = (*folders.findings, *_described(headers, rate, length))
    return dataclasses.replace(data, sampling_rate=rate, findings=findings)


def _commonest_rate(headers: list[SoundHeader]) -> int:
    counts = Counter(header.rate for header in headers)
    return min(HIGHEST_RATE, counts.most_common(1)[0][0])


def _length(headers: list[SoundHeader], rate: int, seconds: float | None) -> int:
    if seconds is None:
        seconds = float(np.quantile([h.seconds for h in headers], QUANTILE))
    return max(1, round(seconds * rate))


def _samples(files: list[File], rate: int, length: int) -> Any:
    def read() -> Iterator[np.ndarray]:
        for file in files:
            yield read_sound(file.path, rate, length)[np.newaxis]

    return Samples((len(files), length), np.dtype("float32"), read)


def _described(headers: Headers, rate: int, length: int) -> Iterator[Finding]:
    """Yields what is done to the sounds as they are read."""
    everything = [header for found in headers.values() for header in found]
    seconds = length / rate
    yield Finding(
        "sound_form",
        f"{len(everything):,} sounds of {seconds:.3g} seconds, {rate:,} samples a "
        "second, one channel",
    )
    others = Counter(h.rate for h in everything if h.rate != rate)
    if others:
        rates = " and ".join(f"{n:,} of {r:,}" for r, n in others.most_common(3))
        what = f"{rates} samples a second are resampled to {rate:,}"
        yield Finding("resampled", what, "--rate chooses another")
    several = sum(header.channels > 1 for header in everything)
    if several:
        what = f"{several:,} of {len(everything):,} sounds have several channels: mixed"
        yield Finding("mixed_channels", f"{what} to one")
    short = sum(header.is_cut_off for header in everything)
    if short:
        what = f"{short:,} sounds end before their headers say: read to their end"
        yield Finding("cut_off", what, "look whether they are complete", "warning")
    total = sum(h.seconds for h in everything)
    cut = sum(max(0.0, h.seconds - seconds) for h in everything)
    longer = sum(h.seconds > seconds for h in everything)
    if longer and cut >= 0.001 * total:
        share, longest = cut / total, max(h.seconds for h in everything)
        what = (
            f"{100 * share:.2g} % of the sound is cut, the ends of {longer:,} of "
            f"{len(everything):,}; the longest has {longest:.3g} seconds"
        )
        level = "warning" if share >= _WORTH_WARNING else "note"
        yield Finding("cut", what, "--seconds chooses another length", level)


def _matches(path: str | Path) -> bool:
    folder = Path(path)
    return folder.is_dir() and holds_sounds(folder) and not holds_pictures(folder)


register_dataset_type(
    DatasetType(
        name="sound_folder",
        help="a folder of sounds (.wav, .flac, .ogg, .mp3) with a sub-folder for each "
        "class",
        matches=_matches,
        load=lambda path, data_dir, **given: load(Path(path), **given),
        priority=12,
        options=("rate", "seconds", "group", "test_group"),
    )
)
