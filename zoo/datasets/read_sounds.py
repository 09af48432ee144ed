"""Sound files as the samples of a dataset."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.finding import Finding
from zoo.datasets.sound_file import SoundHeader, read_header, read_sound
from zoo.datasets.storage import Samples

HIGHEST_RATE = 16_000  # samples a second, enough for speech
QUANTILE = 0.98  # of the training sounds, which are read to their end
_WORTH_WARNING = 0.1

Headers = dict[str, list[SoundHeader]]


def read_sounds(
    paths: dict[str, list[Path]], rate: int | None = None, seconds: float | None = None
) -> tuple[dict[str, Any], int, list[Finding]]:
    """Returns the waveforms of sounds, of one rate and one length.

    Args:
        paths: The files of each split.
        rate: Samples a second; the commonest of the training sounds if None, at most
            16,000.
        seconds: How long samples are; if None, as the training sounds that 98 % do not
            exceed.

    Returns:
        Samples of each split, each read when its place is known; the rate; and what is
        done to the sounds.
    """
    headers = {k: [read_header(path) for path in found] for k, found in paths.items()}
    rate = rate or _commonest_rate(headers["train"])
    length = _length(headers["train"], rate, seconds)
    x = {part: _samples(found, rate, length) for part, found in paths.items()}
    return x, rate, list(_described(headers, rate, length))


def _commonest_rate(headers: list[SoundHeader]) -> int:
    counts = Counter(header.rate for header in headers)
    return min(HIGHEST_RATE, counts.most_common(1)[0][0])


def _length(headers: list[SoundHeader], rate: int, seconds: float | None) -> int:
    if seconds is None:
        seconds = float(np.quantile([h.seconds for h in headers], QUANTILE))
    return max(1, round(seconds * rate))


def _samples(paths: list[Path], rate: int, length: int) -> Any:
    def read() -> Iterator[np.ndarray]:
        for path in paths:
            yield read_sound(path, rate, length)[np.newaxis]

    return Samples((len(paths), length), np.dtype("float32"), read)


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
        common = others.most_common(3)
        rates = ", ".join(f"{n:,} of {r:,}" for r, n in common)
        what = f"sounds are resampled to {rate:,} samples a second: {rates}"
        yield Finding("resampled", what, "--rate chooses another")
    several = sum(header.channels > 1 for header in everything)
    if several:
        what = f"{several:,} of {len(everything):,} sounds have several channels: mixed"
        yield Finding("mixed_channels", f"{what} to one")
    short = sum(header.is_cut_off for header in everything)
    if short:
        what = f"{short:,} sounds end before their headers say: read to their end"
        yield Finding("cut_off", what, "look whether they are complete", "warning")
    streamed = sum(header.is_streamed for header in everything)
    if streamed:
        what = f"the headers of {streamed:,} sounds say no length: read to their end"
        yield Finding("streamed", what)
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
