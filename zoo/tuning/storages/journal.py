"""A journal file, for several machines that share a disk."""

import contextlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from zoo.errors import StudyError
from zoo.tuning.storages.storage import FileStorage

SUFFIXES = ".journal", ".log"


class JournalFile(FileStorage):
    """A file that operations are appended to, under a lock that works on NFS, too."""

    @contextlib.contextmanager
    def connect(self, path: Path, *, is_new: bool = False) -> Iterator[JournalStorage]:
        """Opens a file as Optuna's storage."""
        try:
            storage = JournalStorage(_Backend(path))
        except (OSError, KeyError, TypeError, AssertionError) as error:
            raise StudyError(
                f"{path} cannot be used as a journal of Optuna ({error!r}); give "
                "another --storage."
            ) from error
        yield storage


class _Backend(JournalFileBackend):
    def __init__(self, path: Path) -> None:
        # Of a relative path, Optuna would never release the lock of a killed process.
        super().__init__(str(path.resolve()))
        self._label = path

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        try:
            yield from super().read_logs(log_number_from)
        except (ValueError, RecursionError) as error:
            raise StudyError(
                f"{self._label} is no journal of Optuna, or damaged ({error}); give "
                "another --storage."
            ) from error
