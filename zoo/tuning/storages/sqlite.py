"""An SQLite file, for the processes of one machine."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy.exc
import sqlalchemy.pool
from filelock import FileLock
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage

from zoo.bounds import read_bytes
from zoo.errors import StudyError
from zoo.tuning.storages.storage import LEAST_TRIAL, Create, FileStorage

WAIT_SECONDS = 60.0  # for other processes that write
_LONGEST = 2**24  # bytes of a value
_STEPS = 10_000_000  # of SQLite's machine, between which Python takes signals
# The end of a journal that names a second one.
_NAMES_ANOTHER = bytes.fromhex("d9d505f920a163d7")
_TABLES = "select name from sqlite_master where type = 'table'"
# What computes something while we read and write.
_COMPUTING = """
select type, quote(name) from sqlite_master where type in ('trigger', 'view')
union all select 'virtual table', quote(name) from sqlite_master
    where type = 'table' and rootpage = 0
union all select 'computed column', quote(held.name)
    from sqlite_master as found, pragma_table_xinfo(found.name) as held
    where found.type = 'table' and found.rootpage and held.hidden
union all select 'computed index', quote(found.name)
    from sqlite_master as found, pragma_index_xinfo(found.name) as held
    where found.type = 'index' and held.cid = -2
"""


class SQLiteFile(FileStorage):
    """An SQLite file with one study."""

    @contextlib.contextmanager
    def open(self, create: Create) -> Iterator[BaseStorage]:
        """Opens the file, or creates it where there is none."""
        errors = sqlite3.Error, sqlalchemy.exc.SQLAlchemyError, StorageInternalError
        try:
            with super().open(create) as storage:
                yield storage
        except errors as error:
            cause = error.__cause__ or error
            raise StudyError(
                f"The study {self.label} cannot be used ({cause}); it is damaged, "
                "locked or on a full disk. Mend that, or give another --storage."
            ) from error

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Locks a file beside it: SQLite gives a waiting trial to two who ask."""
        path = self.path.with_name(f"{self.path.name}.lock")
        if path.is_symlink():
            raise StudyError(f"{path} is a link to another file; remove it.")
        with FileLock(path):
            yield

    @contextlib.contextmanager
    def connect(self, path: Path, *, is_new: bool = False) -> Iterator[RDBStorage]:
        """Opens a file as Optuna's storage."""
        if not is_new:
            try:
                self._check(path)
            except UnicodeDecodeError as error:  # SQLite quotes what is damaged
                raise StudyError(f"The study {path} is damaged ({error}).") from error
        # Not by a URL: a path may hold what has a meaning in one.
        options = {
            "creator": lambda: _connect(path, "rwc"),
            "poolclass": sqlalchemy.pool.QueuePool,
        }
        try:
            storage = RDBStorage("sqlite://", options, skip_table_creation=not is_new)
        except RuntimeError as error:  # of another version of Optuna
            raise StudyError(f"The study {path} cannot be used: {error}") from error
        try:
            yield storage
        finally:
            storage.remove_session()
            storage.engine.dispose()

    def _check(self, path: Path) -> None:
        # Before Optuna writes to it: it may be the file of another program.
        with contextlib.closing(_connect(path, self._mode(path))) as file:
            tables = {name for (name,) in file.execute(_TABLES)}
            for found in file.execute(_COMPUTING):  # within our statements
                raise StudyError(
                    f"{self.label} is no study of ours: it has the {' '.join(found)}."
                )
            (state,) = file.execute("pragma quick_check").fetchone()
            if state != "ok":
                raise StudyError(f"The study {self.label} is damaged ({state}).")
            if not {"studies", "trials", "version_info"} <= tables:
                raise StudyError(f"{self.label} is no study; give another --storage.")
            (trials,) = file.execute("select count(*) from trials").fetchone()
        if trials * LEAST_TRIAL > path.stat().st_size:
            raise StudyError(
                f"{self.label} holds {trials:,} trials with nothing in them; give "
                "another --storage."
            )

    def _mode(self, path: Path) -> str:
        """How to open a file that may be another program's.

        A process that was killed while it wrote leaves a journal, by which SQLite mends
        the file. It deletes what that journal names as a second one.
        """
        path = Path(os.path.realpath(path))
        journal = path.with_name(f"{path.name}-journal")
        try:
            is_link = journal.is_symlink()
            if is_link or read_bytes(journal).endswith(_NAMES_ANOTHER):
                raise StudyError(f"{journal} leads to another file; remove it.")
        except FileNotFoundError:  # Nobody writes, or no longer.
            return "ro"
        except OSError as error:
            raise StudyError(
                f"{journal} cannot be read ({error.strerror}); remove it."
            ) from error
        return "rw"


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    """Opens a file of somebody else, as SQLite's documentation recommends it."""
    file = sqlite3.connect(
        f"{Path(os.path.realpath(path)).as_uri()}?mode={mode}",
        uri=True,
        timeout=WAIT_SECONDS,
        check_same_thread=False,
    )
    file.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    file.set_progress_handler(lambda: None, _STEPS)
    file.execute("pragma trusted_schema = off")
    file.execute("pragma ignore_check_constraints = on")
    return file
