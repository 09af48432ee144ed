"""Whatever a file or request says: a right answer or one line, in bounded memory.

Each reader meets its honest input and hostile ones that are no larger, in a process
that several readers share where they need the same libraries.
"""

import collections
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GROUPS = {
    "tables": ("data_files", ("csv", "csv.gz")),
    "data": ("data_files", ("npz", "tsv", "json", "series", "pictures")),
    "binaries": ("binary_files", ("sounds", "xlsx", "parquet", "vectors")),
    "models": ("model_files", ("keras", "h5", "weights", "checkpoints")),
    "runs": ("model_files", ("runs", "recipes", "studies")),
    "artifacts": ("artifacts", ("artifacts", "onnx", "saved_models", "sets")),
    "requests": ("requests", ("http", "grpc")),
}
LEAST = 10  # hostile inputs of a reader
# What nobody can tell from noise: pages of the allocator, a cold cache.
BYTES, SECONDS = 2**24, 3.0

pytestmark = [
    pytest.mark.independent,
    pytest.mark.skipif(sys.platform != "linux", reason="measures by /proc"),
]


@pytest.mark.parametrize("group", GROUPS)
def test_hostile_inputs(group, tmp_path):
    module, readers = GROUPS[group]
    command = [sys.executable, "-m", "tests.hostile.measuring"]
    done = subprocess.run(
        [*command, f"tests.hostile.{module}", str(tmp_path), *readers],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        errors="backslashreplace",  # TensorFlow may log bytes of a file
    )
    # What is being read when the process ends is the last line that names a case.
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    found = collections.defaultdict(dict)
    for each in map(json.loads, lines):
        found[each["reader"]][each["case"]] = each
    assert tuple(found) == readers
    faults = [fault for cases in found.values() for fault in judge(cases)]
    assert not faults, "\n".join(faults)


def judge(cases):
    """Yields what is wrong with the results of a reader."""
    honest = cases.pop("honest")
    if honest["said"] != "read" or len(cases) < LEAST:
        yield f"{honest['reader']}: {len(cases)} inputs, honest {honest['said']}"
    for name, case in cases.items():
        said, where = case["said"], f"{case['reader']}, {name}:"
        if said.startswith("failed") or (said != "read" and "\n" in said.strip()):
            yield f"{where} {said}"
        if case["bytes"] > honest["bytes"]:
            yield f"{where} it is larger than the honest input"
        if case["memory"] > 2 * honest["memory"] + BYTES:
            yield f"{where} {case['memory'] / 2**20:.0f} MiB of memory"
        if case["seconds"] > 2 * honest["seconds"] + SECONDS:
            yield f"{where} {case['seconds']:.1f} s"


def test_every_reader_is_in_a_group():
    for module in {module for module, _ in GROUPS.values()}:
        text = (Path(__file__).parent / f"{module}.py").read_text()
        _, _, declared = text.partition("READERS = {")
        grouped = {
            name for each, names in GROUPS.values() if each == module for name in names
        }
        named = {
            line.strip().split('"')[1]
            for line in declared.splitlines()
            if "Reader(" in line
        }
        assert named == grouped
