"""Parsers take any bytes: those that a coverage-guided fuzzer found, and new ones."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzzing.targets import FOUND, SEEDS, TARGETS, check

ROOT = Path(__file__).parents[2]
# An hour over all of them; `FUZZ_SECONDS` says another time for each.
SECONDS = int(os.environ.get("FUZZ_SECONDS", 3600 // len(TARGETS)))


@pytest.mark.parametrize("name", TARGETS)
def test_what_was_found(name):
    generator = random.Random(name)
    seeds = [*SEEDS.get(name, []), *FOUND.get(name, []), b"", b"\0", b"\xff" * 99]
    for data in seeds:
        check(TARGETS[name], data)
        for _ in range(5):
            check(TARGETS[name], changed(data, generator))


def changed(data, generator):
    """Some of its bytes are others, doubled or left out."""
    found = bytearray(data)
    for _ in range(3):
        place = generator.randrange(len(found) + 1)
        kind = generator.randrange(3)
        if kind == 0:
            found[place:place] = generator.randbytes(3)
        elif kind == 1:
            del found[place : place + generator.randrange(1, 9)]
        else:
            found[place:place] = found[place : place + 20]
    return bytes(found)


@pytest.mark.soak
@pytest.mark.parametrize("name", TARGETS)
def test_parsers_take_any_bytes(name, tmp_path):
    pytest.importorskip("atheris")
    command = [sys.executable, "-m", "tests.fuzzing.run", name, str(SECONDS)]
    done = subprocess.run(
        [*command, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    found = [path.read_bytes() for path in tmp_path.glob(f"{name}-*")]
    assert done.returncode == 0, f"{found}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
