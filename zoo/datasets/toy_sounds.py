"""Generated sounds: tones, glides, noise and clicks."""

import dataclasses

import numpy as np

from zoo.datasets.dataset import SPLIT_SEED, Dataset, Split, make_dataset
from zoo.datasets.label_sets import make_multi_label_dataset
from zoo.datasets.named import GENERATED, register_dataset

RATE = 8_000
LENGTH = 4_000  # samples: half a second
LABELS = ("clicks", "falling", "noise", "rising", "tone")
TONES = {"c": 523.25, "e": 659.26, "g": 783.99}  # hertz, of the C major chord
_SAMPLES = 1_000


@register_dataset("toy_sounds", licence=GENERATED)
def toy_sounds() -> Dataset:
    """1,000 sounds of half a second: a tone, a glide, noise, or clicks."""
    generator = np.random.default_rng(SPLIT_SEED)
    y = np.arange(_SAMPLES) % len(LABELS)
    x = np.stack([sound(LABELS[label], generator) for label in y])
    data = make_dataset("toy_sounds", LABELS, Split(x, y))
    return dataclasses.replace(data, sampling_rate=RATE)


@register_dataset("toy_chords", licence=GENERATED)
def toy_chords() -> Dataset:
    """1,000 sounds of half a second of which each has none to three of three tones."""
    generator = np.random.default_rng(SPLIT_SEED)
    y = generator.integers(0, 2, (_SAMPLES, len(TONES)))
    time = np.arange(LENGTH) / RATE
    waves = np.sin(2 * np.pi * np.outer(list(TONES.values()), time))
    x = (y * generator.uniform(0.1, 0.3, y.shape)) @ waves
    x = (x + generator.normal(scale=0.003, size=x.shape)).astype("float32")
    data = make_multi_label_dataset("toy_chords", tuple(TONES), Split(x, y))
    return dataclasses.replace(data, sampling_rate=RATE)


def sound(label: str, generator: np.random.Generator) -> np.ndarray:
    """Draws one sound: its loudness, beginning, length and pitch are random.

    Args:
        label: One of `LABELS`.
        generator: Of the random numbers.

    Returns:
        Samples `(4000,)` between -1 and 1.
    """
    length = int(generator.integers(1_200, 3_200))
    time = np.arange(length) / RATE
    low, high = generator.uniform(200, 800), generator.uniform(1_200, 3_000)
    if label == "noise":
        wave = generator.uniform(-1, 1, length)
    elif label == "clicks":
        wave = np.zeros(length)
        wave[:: int(generator.integers(250, 500))] = 1
    else:
        ends = {"rising": (low, high), "falling": (high, low)}
        first, last = ends.get(label, (low, low))
        # The phase is the integral of the frequency, which changes evenly.
        phase = first * time + (last - first) * time**2 / (2 * time[-1])
        wave = np.sin(2 * np.pi * phase)
    samples = generator.normal(scale=0.003, size=LENGTH)
    start = int(generator.integers(0, LENGTH - length))
    samples[start : start + length] += generator.uniform(0.1, 0.9) * wave
    return np.clip(samples, -1, 1).astype("float32")
