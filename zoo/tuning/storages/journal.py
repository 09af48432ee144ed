"""A journal file, for several machines that share a disk."""

import contextlib
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from zoo.errors import StudyError
from zoo.tuning.storages.storage import LEAST_TRIAL, FileStorage

SUFFIXES = ".journal", ".log"
# What Optuna raises on entries that are not its own; it asserts some of them.
_DAMAGES = LookupError, TypeError, ValueError, AttributeError, AssertionError
_CREATE = 4  # the operation that makes a trial


class JournalFile(FileStorage):
    """A file that operations are appended to, under a lock that works on NFS, too."""

    @contextlib.contextmanager
    def connect(self, path: Path, *, is_new: bool = False) -> Iterator[JournalStorage]:
        """Opens a file as Optuna's storage."""
        try:
            storage = JournalStorage(_Backend(path))
        except (OSError, *_DAMAGES) as error:
            raise StudyError(
                f"{path} cannot be used as a journal of Optuna ({error!r}); give "
                "another --storage."
            ) from error
        yield storage


class _Backend(JournalFileBackend):
    def __init__(self, path: Path) -> None:
        # Of a relative path, Optuna would never release the lock of a killed process.
        super().__init__(os.path.realpath(path))
        self._label = path

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        trials, size = 0, self._label.stat().st_size
        try:
            for entry in super().read_logs(log_number_from):
                trials += isinstance(entry, dict) and entry.get("op_code") == _CREATE
                if trials * LEAST_TRIAL > size:
                    raise StudyError(
                        f"{self._label} holds {trials:,} trials or more with nothing "
                        "in them; give another --storage."
                    )
                yield entry
        except (ValueError, RecursionError) as error:
            raise StudyError(
                f"{self._label} is no journal of Optuna, or damaged ({error}); give "
                "another --storage."
            ) from error
