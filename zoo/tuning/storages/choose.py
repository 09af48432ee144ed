"""The storage that a path or URL names."""

import os
from pathlib import Path

import sqlalchemy
import sqlalchemy.exc

from zoo.errors import ArgumentError
from zoo.tuning.storages.journal import SUFFIXES, JournalFile
from zoo.tuning.storages.server import SCHEMES, DatabaseServer
from zoo.tuning.storages.sqlite import SQLiteFile
from zoo.tuning.storages.storage import Storage


def choose_storage(storage: str | os.PathLike) -> Storage:
    """Finds the storage that a path or URL names.

    Args:
        storage: A path, of a journal file if it ends in `.log` or `.journal`, else of
            an SQLite file; or a URL such as `postgresql://user:password@host/database`,
            `mysql://...`, `sqlite:///path`.

    Raises:
        ArgumentError: If it is neither.

    Example:

    >>> type(choose_storage("runs/tune/mlp.digits.db")).__name__
    'SQLiteFile'
    >>> type(choose_storage("/shared/study.log")).__name__
    'JournalFile'
    >>> choose_storage("mysql://ada:secret@db/studies").label
    'mysql://ada:***@db/studies'
    """
    if isinstance(storage, str) and "://" in storage:
        return _from_url(storage)
    path = Path(storage)
    return JournalFile(path) if path.suffix in SUFFIXES else SQLiteFile(path)


def _from_url(text: str) -> Storage:
    try:
        url = sqlalchemy.make_url(text)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        # Not with their message, which may quote the password.
        raise ArgumentError(
            "The URL of the `storage` cannot be read; it must look like postgresql://"
            "USER:PASSWORD@HOST:PORT/DATABASE, with special characters as %XX."
        ) from None
    scheme = url.get_backend_name()
    if scheme in SCHEMES:
        return DatabaseServer(url)
    if scheme == "sqlite" and url.database and not url.query:
        return SQLiteFile(Path(url.database))
    raise ArgumentError(
        "`storage` must be a path, or a URL that begins with "
        f"{'://, '.join(SCHEMES)}:// or sqlite:///. Received: {scheme}://..."
    )
