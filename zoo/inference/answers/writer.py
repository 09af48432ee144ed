"""What writes answers into a file, batch by batch."""

import abc
import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from zoo.errors import ArgumentError, ZooError
from zoo.files import replacing
from zoo.inference.answers.table import Columns

_DEVICES = ("/", "dev")  # where `stdout` may be a file, which is not to be replaced
_DIGITS = 7  # significant ones of a float32


class OutputError(ZooError):
    """A file of answers that cannot be written."""


class Writer(abc.ABC):
    """Writes answers in one form.

    Args:
        path: The file.
    """

    @abc.abstractmethod
    def __init__(self, path: Path) -> None: ...

    @abc.abstractmethod
    def write(self, columns: Columns) -> None:
        """Appends rows; the columns are the same in each call."""

    @abc.abstractmethod
    def close(self) -> None:
        """Ends the file."""


def plain(values: Any) -> list[Any]:
    """Returns the values of a column as those of Python.

    Numbers in `float32` have the digits that they hold, no more.

    >>> plain(np.array([0.1, 2], "float32")), plain(range(1, 3))
    ([0.1, 2.0], [1, 2])
    """
    array = values if isinstance(values, np.ndarray) else None
    if array is not None and array.dtype == np.float32:
        return [float(f"{value:.{_DIGITS}g}") for value in array.tolist()]
    if array is not None:
        return array.tolist()
    return [each.item() if isinstance(each, np.generic) else each for each in values]


@contextlib.contextmanager
def writing(path: Path, make: Callable[[Path], Writer]) -> Iterator[Writer]:
    """Yields a writer of a file that appears at the end, whole.

    A device or a pipe is written to as it is.

    Args:
        path: The file; one that is there is replaced.
        make: Makes the writer.

    Raises:
        ArgumentError: If it is a folder.
        OutputError: If it cannot be written: the disk is full, say.
    """
    is_special = (path.exists() and not path.is_file()) or path.parts[:2] == _DEVICES
    # A link stays one: what it leads to is replaced.
    target = path if is_special else Path(os.path.realpath(path))
    if target.is_dir():
        raise ArgumentError(f"{path} is a folder; give a file as --output.")
    with contextlib.ExitStack() as stack:
        with _errors(path):
            part = target if is_special else stack.enter_context(replacing(target))
            writer = _Guarded(path, make(part))
        try:
            yield writer
        except BaseException:
            # Closing writes what is left, which fails once more on a full disk.
            with contextlib.suppress(OutputError):
                writer.close()
            raise
        writer.close()


class _Guarded(Writer):
    """Says of which file an error is; those of the inputs are others."""

    def __init__(self, path: Path, writer: Writer) -> None:
        self._path, self._writer = path, writer

    def write(self, columns: Columns) -> None:
        """See `Writer.write`."""
        with _errors(self._path):
            self._writer.write(columns)

    def close(self) -> None:
        """See `Writer.close`."""
        with _errors(self._path):
            self._writer.close()


@contextlib.contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            f"Cannot write {path}: {error.strerror or error}; it is as it was."
        ) from error
