"""Spoken digits: each of six speakers held out, with and without synthesized voices.

    python -m benchmarks.speech FSDD.npz [--only george] [--epochs 10]

`FSDD.npz` holds the recordings of the Free Spoken Digit Dataset one after the other:
`samples` (8,000 a second), `ends`, `label`, `speaker` and `take`. Of each speaker's
run, the next one in the alphabet is the validation split, the four others are trained
on. *voices* adds the 1,890 digits of `espeak_digits` to the training (extra `voices`);
*voices alone* trains on nothing else. The usual split, takes 0 to 4 as test, has the
same speakers in training and test.

    python -m benchmarks.speech FSDD.npz --write spoken_digits.npz

writes the set that `speech_cnn.spoken_digits` is trained on: one speaker of test.
"""

import argparse
import dataclasses
import json
import os
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import keras
import numpy as np

import zoo
from zoo.datasets import Split, make_dataset
from zoo.datasets.sound_file import fitted

RESULTS = Path(__file__).with_suffix(".json")
RATE, LENGTH = 8_000, 6_400
SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
KINDS = ("recordings", "voices", "voices alone")
LABELS = tuple("0123456789")


def recordings(path):
    """Waveforms of one length, digits, speakers and takes."""
    held = np.load(path)
    waves = np.split(held["samples"].astype("float32") / 2**15, held["ends"][:-1])
    x = np.stack([fitted(wave, LENGTH) for wave in waves])
    return x, held["label"].astype("int64"), held["speaker"], held["take"]


def held_out(path, speaker):
    """The splits in which a speaker is the test."""
    x, y, speakers, _ = recordings(path)
    following = SPEAKERS[(SPEAKERS.index(speaker) + 1) % len(SPEAKERS)]
    test, validation = speakers == speaker, speakers == following
    return _splits(x, y, test, validation)


def usual(path):
    """The split of the authors, a part of whose training is validation."""
    x, y, _, take = recordings(path)
    return _splits(x, y, take < 5, (take >= 5) & (take < 10))


def _splits(x, y, test, validation):
    train = ~(test | validation)
    return [Split(x[rows], y[rows]) for rows in (train, validation, test)]


def dataset(splits, kind="recordings"):
    train, validation, test = splits
    if kind != "recordings":
        spoken = zoo.load_dataset("espeak_digits")
        voices = list(spoken.splits.values())
        if kind == "voices":
            voices.append(train)
        else:
            validation = voices.pop(1)
        train = Split(*(np.concatenate(arrays) for arrays in zip(*voices, strict=True)))
    data = make_dataset("spoken_digits", LABELS, train, test, validation)
    return dataclasses.replace(data, sampling_rate=RATE)


def measure(splits, kind, epochs, seed=0):
    """Test accuracy of one training."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run = zoo.train(
            "speech_cnn",
            dataset=dataset(splits, kind),
            epochs=epochs,
            seed=seed,
            output=Path(folder) / "run",
        )
    return {
        "accuracy": run.metrics["accuracy"],
        "test": len(splits[2].y),
        "seconds": round(time.perf_counter() - start, 1),
    }


def write_set(path, target):
    """The set of the shipped weights: `theo` is the test, `yweweler` the validation."""
    parts = zip(("train", "validation", "test"), held_out(path, "theo"), strict=True)
    arrays = {f"{k}_{part}": v for part, s in parts for k, v in s._asdict().items()}
    np.savez_compressed(target, labels=LABELS, sampling_rate=RATE, **arrays)


def page(results):
    rows = results["rows"]
    lines = [
        "# Spoken digits of speakers that were not trained on",
        "",
        f"`{results['command']}`: `speech_cnn`, {results['epochs']} epochs, seed 0, "
        f"Free Spoken Digit Dataset, {results['machine']}, at {results['commit']}. "
        "Test accuracy; each speaker's 500 recordings are held out in turn.",
        "",
        f"| training | {' | '.join(SPEAKERS)} | mean | lowest |",
        f"|---|{'---|' * (len(SPEAKERS) + 2)}",
    ]
    for kind in KINDS:
        found = [
            rows[f"{kind}: {s}"]["accuracy"] for s in SPEAKERS if f"{kind}: {s}" in rows
        ]
        if len(found) < len(SPEAKERS):
            continue
        cells = [*found, statistics.mean(found), min(found)]
        lines.append(f"| {kind} | {' | '.join(f'{value:.1%}' for value in cells)} |")
    if "usual split" in rows:
        lines += [
            "",
            "On the usual split (takes 0 to 4 of each speaker are the test, which has "
            "the speakers of the training): "
            f"{rows['usual split']['accuracy']:.1%}.",
        ]
    return "\n".join(lines).replace("%", " %") + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--only", help="rows whose name has this in it")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--write", type=Path, help="write the set, measure nothing")
    given = parser.parse_args()
    if given.write:
        write_set(given.recordings, given.write)
        return
    results = {"rows": {}}
    if RESULTS.exists():
        results = json.loads(RESULTS.read_text())
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    )
    results |= {
        "command": "python -m benchmarks.speech FSDD.npz",
        "epochs": given.epochs,
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU cores",
        "versions": {"keras": keras.__version__, "zoo": zoo.__version__},
        "commit": commit.stdout.strip(),
    }
    cases = [(f"{kind}: {s}", s, kind) for kind in KINDS for s in SPEAKERS]
    cases.insert(len(SPEAKERS), ("usual split", None, "recordings"))
    for name, speaker, kind in cases:
        if given.only and given.only not in name:
            continue
        splits = (
            usual(given.recordings)
            if speaker is None
            else held_out(given.recordings, speaker)
        )
        results["rows"][name] = measure(splits, kind, given.epochs)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
        RESULTS.with_suffix(".md").write_text(page(results))


if __name__ == "__main__":
    main()
