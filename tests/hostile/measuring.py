"""Reads hostile inputs in one process and measures each: outcome, memory, time.

`python -m tests.hostile.measuring MODULE FOLDER [READER ...]` prints a line of JSON for
each input.
"""

import ctypes
import faulthandler
import gc
import importlib
import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from zoo.errors import ZooError
from zoo.messages import quiet

HANG_SECONDS = 20  # which end the process, with the stack on stderr


class Reader(NamedTuple):
    """What reads strangers' files, and what it is given.

    Args:
        read: Reads a file or folder.
        honest: Writes what it should read, at the path it is given, whose suffix it
            may change; returns the path.
        hostile: By name, the same of inputs that are no larger than the honest one.
    """

    read: Callable[[Path], Any]
    honest: Callable[[Path], Path]
    hostile: Mapping[str, Callable[[Path], Path]]


def measure(reader: Reader, path: Path) -> dict[str, Any]:
    """Reads an input; returns how that ended and what it took."""
    gc.collect()
    _release_memory()
    before, start = _reset_peak(), time.process_time()
    faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
    try:
        with quiet():
            reader.read(path)
        said = "read"
    except ZooError as error:
        said = f"refused: {error}"
    except BaseException:
        said = f"failed: {traceback.format_exc()}"
    faulthandler.cancel_dump_traceback_later()
    return {
        "said": said,
        "bytes": _size(path),
        "memory": _peak() - before,
        "seconds": time.process_time() - start,
    }


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(each.stat().st_size for each in files if each.is_file())


def _release_memory() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def _reset_peak() -> int:
    """Sets the peak of the resident memory back to what is resident now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _peak() -> int:
    return _status("VmHWM")


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    (value,) = [line.split()[1] for line in lines if line.startswith(f"{key}:")]
    return int(value) * 1024


def main(module: str, folder: Path, names: list[str]) -> None:
    """Measures the honest input of each reader, and its hostile ones."""
    readers = importlib.import_module(module).READERS
    for name in names or readers:
        reader = readers[name]
        place = folder / name.replace(" ", "-")
        place.mkdir()
        honest = reader.honest(place / "honest")
        reader.read(honest)  # imports, and caches of libraries
        gc.freeze()  # what these left is not searched through each time
        _print(name, "honest", measure(reader, honest))
        for case, write in reader.hostile.items():
            print(f"{name}: {case}", file=sys.stderr, flush=True)
            path = write(place / f"case-{case.replace(' ', '-')}")
            _print(name, case, measure(reader, path))


def _print(reader: str, case: str, measured: dict[str, Any]) -> None:
    print(json.dumps({"reader": reader, "case": case, **measured}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
