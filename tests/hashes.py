"""Writes `hashes.txt`: the sha256 of each file that pip may install for this project.

python -m tests.hashes

pip resolves the pinned requirements for each version of Python and each platform,
without installing anything, and says which files it would take and what the index says
of their hashes. `make install-verified` takes no others.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.wheels import ROOT, SOURCE_ONLY, VERSIONS

FILE = ROOT / "hashes.txt"
MACHINES = ("x86_64", "aarch64")
GLIBC = (17, 24, 26, 27, 28, 31, 34, 35)  # manylinux_2_N
EXTRAS = ("test", "dev", "tune", "sign", "litert", "telemetry")
_HEAD = """\
# The sha256 of each file that `make install-verified` may install; written by
# `python -m tests.hashes` for Python {versions} on Linux ({machines}).
"""


def requirements() -> list[str]:
    """Those of the project, and of its extras but those that need special hardware."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]
    return [
        *project["dependencies"],
        *(each for name in EXTRAS for each in extras[name]),
        *build["requires"],
        "editables",  # by which hatchling installs in place
    ]


def resolve(version: str, machine: str, folder: Path) -> list[dict[str, Any]]:
    """The files that pip would install."""
    report, wanted = folder / "report.json", folder / "requirements.txt"
    wanted.write_text("\n".join(requirements()))
    platforms = [f"manylinux_2_{n}_{machine}" for n in GLIBC]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    command = [
        *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"),
        *("--quiet", "--only-binary=:all:", "--report", str(report)),
        *("--python-version", version, "--target", str(folder / "nowhere")),
        *("--find-links", str(folder), "-c", str(ROOT / "constraints.txt")),
        *(option for each in platforms for option in ("--platform", each)),
        *("-r", str(wanted)),
    ]
    subprocess.run(command, check=True)
    return json.loads(report.read_text())["install"]


def hashes(found: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yields `name==version` and the sha256 of each."""
    for each in found:
        metadata = each["metadata"]
        pin = f"{metadata['name'].lower().replace('_', '-')}=={metadata['version']}"
        yield pin, each["download_info"]["archive_info"]["hashes"]["sha256"]


def source(folder: Path) -> tuple[str, str]:
    """The package that comes as source alone; its wheel is built in the folder."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet"]
    command += ["--ignore-installed", "--no-deps", f"--no-binary={SOURCE_ONLY}"]
    command += ["-c", str(ROOT / "constraints.txt"), "--report", str(folder / "s.json")]
    subprocess.run([*command, SOURCE_ONLY], check=True)
    found = json.loads((folder / "s.json").read_text())["install"]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["-c", str(ROOT / "constraints.txt"), "-w", str(folder), SOURCE_ONLY]
    subprocess.run(command, check=True)
    return next(hashes(found))


def write(held: dict[str, set[str]]) -> None:
    """Writes the file, sorted."""
    head = _HEAD.format(versions=", ".join(VERSIONS), machines=", ".join(MACHINES))
    lines = [
        " \\\n    ".join([pin, *(f"--hash=sha256:{each}" for each in sorted(found))])
        for pin, found in sorted(held.items())
    ]
    FILE.write_text(head + "\n".join(lines) + "\n")


def main() -> None:
    """Resolves for each version and platform, and writes the file."""
    held: dict[str, set[str]] = defaultdict(set)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pin, digest = source(folder)
        for version in VERSIONS:
            for machine in MACHINES:
                found = resolve(version, machine, folder)
                print(f"Python {version}, {machine}: {len(found)} files", flush=True)
                for each, value in hashes(found):
                    held[each].add(value)
        held[pin] = {digest}  # not of the wheel that was built here
    write(held)


if __name__ == "__main__":
    main()
