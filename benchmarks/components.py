"""Times every component against its Keras namesake.

    python -m benchmarks.components [--only PATTERN ...] [--rounds N]

Each result is our time divided by the peer's, the median of alternating runs: below 1
is faster. *graph*: both in a plain `tf.function`, as `model.fit` runs them on a
CPU. *best*: each in the faster of plain graph and XLA. *Training* takes the gradients
by inputs and weights; *first layer* by the weights alone, as a model's first layer is
trained (a layer without weights is called with `training=True`); *forward* none.

Writes `components.json`, `components.md` and `components.png` beside this file after
each component; a row names the commit that it was measured at, and `--only` times
matching components and keeps the other rows.
"""

import argparse
import dataclasses
import fnmatch
import json
import os
import platform
import subprocess
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from tqdm import tqdm

from benchmarks import report
from benchmarks.cases import all_cases
from benchmarks.timing import BUILDS, ROUNDS, ratio

RESULTS = Path(__file__).with_name("components.json")


def measure(case, rounds):
    """A row of the table: the ratios of each mode of the case."""
    builds = [_build(case, ours_first=i % 2 == 0) for i in range(BUILDS)]
    modes = builds[0][0]
    ratios = {
        mode: dataclasses.asdict(
            ratio([(ours[mode], theirs[mode]) for ours, theirs in builds], rounds)
        )
        for mode in modes
    }
    return {
        "component": case.component,
        "kind": case.kind,
        "options": _options(case),
        "size": case.size,
        "peer": _peer(case),
        "rounds": BUILDS * rounds,
        "commit": _commit(),
        **ratios,
    }


def _build(case, ours_first):
    sides = {ours: case.steps(ours=ours) for ours in (ours_first, not ours_first)}
    return sides[True], sides[False]


def _options(case):
    options = getattr(case, "kwargs", {})
    if callable(options):
        options = {k: type(v).__name__ for k, v in options(keras.layers).items()}
    return ", ".join(f"{key}={_short(value)}" for key, value in options.items())


def _short(value):
    return getattr(value, "__name__", value)


def _peer(case):
    peer = getattr(case, "peer", None)
    return peer.__name__ if peer else f"keras.{case.kind}.{case.component}"


def _key(case):
    return case.kind, case.component, _options(case), case.size


def _row_key(row):
    return row["kind"], row["component"], row["options"], row["size"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "--only", nargs="+", default=["*"], help="name patterns, such as LST*"
    )
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, help="pairs of runs per build"
    )
    given = parser.parse_args()
    cases = {_key(case): case for case in all_cases()}
    rows = {}
    if RESULTS.exists():
        held = {_row_key(row): row for row in json.loads(RESULTS.read_text())["rows"]}
        rows = {key: held[key] for key in cases if key in held}
    chosen = [
        case
        for case in cases.values()
        if any(fnmatch.fnmatch(case.component, pattern) for pattern in given.only)
    ]
    for case in (bar := tqdm(chosen)):
        bar.set_description(f"{case.component} {case.size}")
        rows[_key(case)] = measure(case, given.rounds)
        _write([rows[key] for key in cases if key in rows])
        keras.backend.clear_session()


def _write(rows):
    results = {
        "command": "python -m benchmarks.components",
        "rounds": min(row["rounds"] for row in rows),
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU cores",
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
        "rows": rows,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    report.write(results, RESULTS.parent)


def _commit():
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
