"""Whether the project installs from wheels alone, for each version of Python.

python -m tests.wheels              # resolves the pinned requirements
python -m tests.wheels --run        # also installs and runs, where the version exists
python -m tests.wheels --run 3.13   # this version only

Requirements are resolved by the interpreter of the version where there is one, and
else by this one for its tags (`pip install --python-version`).

`promise`, which tensorflow-datasets needs, comes as source without compiled code: its
wheel is built here first.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
SOURCE_ONLY = "promise"
# Imports every package, loads shipped weights, exports, and runs the export.
TRIAL = """
import sys, export, zoo, serving
artifact = export.export_model("mlp.iris", sys.argv[1])
export.verify(artifact.path)
with serving.Server(sys.argv[1], rest_api_port=0) as server:
    client = serving.Client(server.url)
    answer = client.predict("mlp.iris", {"features": [[5.1, 3.5, 1.4, 0.2]]})
assert answer["class_ids"].tolist() == [0], answer
"""


def interpreter(version: str) -> str | None:
    """The interpreter of a version, if `python<version>` is one."""
    found = shutil.which(f"python{version}")
    if found is None:
        return None
    code = "import sys; print(sys.version.split()[0])"
    done = subprocess.run([found, "-c", code], capture_output=True, text=True)
    return found if done.stdout.startswith(f"{version}.") else None


def pip(python: str | Path, command: str, folder: Path, *options: str) -> list[str]:
    """A command of pip for wheels only, from the index and from a folder."""
    return [
        *(str(python), "-m", "pip", command, "--quiet", "--only-binary=:all:"),
        *("--find-links", str(folder), "-c", str(ROOT / "constraints.txt"), *options),
    ]


def build(folder: Path) -> Path:
    """Builds the project's wheel, which it returns, and that of `SOURCE_ONLY`."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["-c", str(ROOT / "constraints.txt"), "-w", str(folder), SOURCE_ONLY]
    subprocess.run([*command, str(ROOT)], check=True)
    (wheel,) = folder.glob("keras_serving_zoo-*.whl")
    return wheel


def resolve(version: str, folder: Path, wheel: Path) -> str:
    """Resolves without installing; returns what was found, or pip's last line."""
    report = folder / f"{version}.json"
    python = interpreter(version)
    target = [] if python else ["--python-version", version, "--target", str(folder)]
    options = ["--dry-run", "--ignore-installed", "--report", str(report), *target]
    command = pip(python or sys.executable, "install", folder, *options)
    done = subprocess.run([*command, str(wheel)], capture_output=True, text=True)
    if done.returncode:
        return f"fails: {done.stderr.strip().splitlines()[-1]}"
    found = json.loads(report.read_text())["install"]
    return f"{len(found)} wheels by {'its own' if python else 'this'} interpreter"


def run(version: str, folder: Path, wheel: Path) -> str:
    """Installs into an environment of its own and runs the trial."""
    python = interpreter(version)
    if python is None:
        return "not run, no such interpreter"
    environment = folder / version
    own = environment / "bin/python"
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    for command in (
        [python, "-m", "venv", environment],
        pip(own, "install", folder, str(wheel)),
        [own, "-c", TRIAL, folder / f"models-{version}"],
    ):
        done = subprocess.run(
            command, cwd=folder, env=kept, capture_output=True, text=True
        )
        if done.returncode:
            return f"fails: {done.stderr.strip().splitlines()[-1]}"
    shutil.rmtree(environment)
    return "installed and ran"


def main(versions: Sequence[str], and_run: bool) -> int:
    """Prints a line for each version; returns 1 if one fails."""
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wheel = build(folder)
        for version in versions:
            said = resolve(version, folder, wheel)
            if and_run and "fails" not in said:
                said += f"; {run(version, folder, wheel)}"
            print(f"Python {version}: {said}", flush=True)
            failed |= "fails" in said
    return int(failed)


if __name__ == "__main__":
    options = set(sys.argv[1:])
    sys.exit(main(sorted(options - {"--run"}) or VERSIONS, "--run" in options))
