"""Atomic writing of files and folders."""

import contextlib
import errno
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a path to write a file or folder at, then moves it to `path`.

    A former file or folder at `path` is replaced only when the block ends without an
    error; after an error or Ctrl-C no partial file is left.

    Example:

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder, "metrics.txt")
    ...     with replacing(target) as part:
    ...         _ = part.write_text("0.98")
    ...     target.read_text()
    '0.98'
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Keeps the suffix, by which savers choose their format.
    with tempfile.TemporaryDirectory(prefix=".part-", dir=path.parent) as folder:
        part = Path(folder, path.name)
        yield part
        if path.is_dir() and not path.is_symlink():
            if not part.is_dir():
                raise IsADirectoryError(
                    errno.EISDIR, "a folder stands where a file is written", str(path)
                )
            shutil.rmtree(path)
        part.replace(path)


def write_json(path: Path, content: Any) -> None:
    """Writes `content` to `path` as indented JSON, atomically."""
    with replacing(path) as part:
        part.write_text(json.dumps(content, indent=2, default=str) + "\n")
