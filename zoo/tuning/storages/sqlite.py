"""An SQLite file, for the processes of one machine."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy.exc
import sqlalchemy.pool
from filelock import FileLock
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, RDBStorage

from zoo.errors import StudyError
from zoo.tuning.storages.storage import Create, FileStorage

WAIT_SECONDS = 60.0  # for other processes that write


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
            self._check(path)
        # Not by a URL: a path may hold what has a meaning in one.
        options = {
            "creator": lambda: sqlite3.connect(
                path, timeout=WAIT_SECONDS, check_same_thread=False
            ),
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
        url = f"{path.resolve().as_uri()}?mode=ro"
        with contextlib.closing(
            sqlite3.connect(url, uri=True, timeout=WAIT_SECONDS)
        ) as file:
            schema = list(file.execute("select type, name from sqlite_master"))
            for kind, name in schema:
                if kind in ("trigger", "view"):  # they would run within our statements
                    raise StudyError(
                        f"{self.label} is no study of ours: it has the {kind} {name!r}."
                    )
            tables = {name for kind, name in schema if kind == "table"}
            (state,) = file.execute("pragma quick_check").fetchone()
        if state != "ok":
            raise StudyError(f"The study {self.label} is damaged ({state}).")
        if not {"studies", "trials", "version_info"} <= tables:
            raise StudyError(f"{self.label} is no study; give another --storage.")
