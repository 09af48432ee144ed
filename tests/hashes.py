"""Writes `hashes.txt`: the sha256 of each file that may be installed for this project.

python -m tests.hashes

The index that pip uses says which files there are of each version, and their hashes;
kept are the wheels for the versions of Python that the project runs on, on Linux, and
the source of what comes as source alone.
"""

import functools
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata

import httpx
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import (
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from tests.wheels import ROOT, SOURCE_ONLY, VERSIONS

FILE = ROOT / "hashes.txt"
EXTRAS = ("test", "dev", "tune", "sign", "litert", "telemetry", "tables")
PLATFORMS = ("any", "linux", "manylinux")
MACHINES = ("any", "x86_64", "aarch64")
INTERPRETERS = ("py3", "py2.py3", *(f"cp{v.replace('.', '')}" for v in VERSIONS))
_HEAD = """\
# The sha256 of each file that `make install-verified` may install; written by
# `python -m tests.hashes`.
"""


@functools.cache
def index() -> str:
    """The address of the index that pip uses."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    said = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    if said:
        return said
    from pip._internal.models.index import PyPI

    return PyPI.simple_url


def pins() -> dict[str, Version]:
    """Versions of what `EXTRAS` need: pinned in constraints.txt, else as installed."""
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    pinned = {canonicalize_name(name): Version(version) for name, version in pairs}
    return {
        name: pinned.get(name) or Version(metadata.version(name))
        for name in sorted(needed())
    }


def needed() -> set[str]:
    """The names of all packages that the project and `EXTRAS` require, at any depth."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pending = [*project["dependencies"], *(r for e in EXTRAS for r in extras[e])]
    seen: set[tuple[str, frozenset[str]]] = set()
    while pending:
        requirement = Requirement(pending.pop())
        marker, asked = requirement.marker, frozenset(requirement.extras)
        key = canonicalize_name(requirement.name), asked
        if key in seen or (marker and not _holds(marker)):
            continue
        seen.add(key)
        for each in metadata.requires(requirement.name) or []:
            inner = Requirement(each)
            if not inner.marker or _holds(inner.marker, asked):
                inner.marker = None
                pending.append(str(inner))
    return {name for name, _ in seen} - {"pip"}


def _holds(marker: Marker, extras: Iterable[str] = ()) -> bool:
    return any(
        marker.evaluate({"extra": extra, "python_version": version})
        for extra in ("", *extras)
        for version in VERSIONS
    )


def is_supported(filename: str, version: Version) -> bool:
    """Whether a file is one of this version that pip could install here or there."""
    if filename.endswith(".tar.gz") and canonicalize_name(SOURCE_ONLY) in filename:
        return parse_sdist_filename(filename)[1] == version
    try:
        _, found, _, tags = parse_wheel_filename(filename)
    except InvalidWheelFilename:
        return False
    return found == version and any(
        tag.platform.startswith(PLATFORMS)
        and tag.platform.endswith(MACHINES)
        and (tag.interpreter in INTERPRETERS or _is_stable(tag.interpreter, tag.abi))
        for tag in tags
    )


def _is_stable(interpreter: str, abi: str) -> bool:
    """Whether later versions of Python can import it, too."""
    return abi == "abi3" and interpreter.startswith("cp3")


def files(client: httpx.Client, name: str, version: Version) -> Iterator[str]:
    """Yields the sha256 of each supported file of a version."""
    answer = client.get(f"{index().rstrip('/')}/{name}/", headers=_JSON)
    answer.raise_for_status()
    for each in answer.json()["files"]:
        if is_supported(each["filename"], version):
            yield each["hashes"]["sha256"]


_JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}


def main() -> None:
    """Asks for each pinned version, and writes the file."""
    lines = []
    with httpx.Client(timeout=60, follow_redirects=True) as client:
        for name, version in pins().items():
            found = sorted(set(files(client, name, version)))
            if not found:
                print(f"{name} {version} has no file for us", file=sys.stderr)
                continue
            hashes = (f"    --hash=sha256:{each}" for each in found)
            lines.append(" \\\n".join([f"{name}=={version}", *hashes]))
    FILE.write_text(_HEAD + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
