"""Sound files for the tests."""

import numpy as np
import soundfile


def tone(frequency=440.0, seconds=0.2, rate=8000):
    return 0.5 * np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate)


def write(path, samples, rate=8000, subtype="PCM_16", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype=subtype, **options)
    return path


def write_classes(folder, count=12, speakers=("ann", "bob", "eve"), **options):
    """Two classes of tones, named `<class>_<speaker>_<number>.wav`."""
    for label, frequency in (("high", 1500), ("low", 300)):
        for i in range(count):
            name = f"{label}_{speakers[i % len(speakers)]}_{i}.wav"
            write(folder / label / name, tone(frequency + 10 * i), **options)
    return folder
