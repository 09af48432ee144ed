"""A database server, for several machines."""

import contextlib
import time
from collections.abc import Iterator

import sqlalchemy
import sqlalchemy.exc
from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage

from zoo.errors import ArgumentError, StudyError
from zoo.machines.process import mask_password
from zoo.tuning.storages.storage import Create, Storage

SCHEMES = "postgresql", "mysql", "mariadb"
ATTEMPTS = 5  # to create the tables
# What the packages are called whose modules SQLAlchemy looks for.
_PACKAGES = {
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "MySQLdb": "mysqlclient",
    "mysql": "mysql-connector-python",
}


class DatabaseServer(Storage):
    """A database on a server, with any number of studies.

    Args:
        url: Of the database.
    """

    directory = None

    def __init__(self, url: sqlalchemy.URL) -> None:
        self.url = url
        self.label = mask_password(url.render_as_string(hide_password=False))

    @contextlib.contextmanager
    def open(self, create: Create) -> Iterator[RDBStorage]:
        """Connects to the server, and creates tables and study where they are missing.

        Raises:
            ArgumentError: If the driver is not installed.
        """
        with self._translate_errors():
            storage = self._connect()
            try:
                create(storage)
                yield storage
            finally:
                storage.remove_session()
                storage.engine.dispose()

    def _connect(self) -> RDBStorage:
        # Two processes that create the tables at once get in each other's way.
        for _ in range(ATTEMPTS - 1):
            try:
                return self._create_tables()
            except sqlalchemy.exc.DBAPIError as error:
                if error.statement is None:  # There is no connection.
                    raise
                time.sleep(1)
        return self._create_tables()

    def _create_tables(self) -> RDBStorage:
        # Rendered, it holds none of the braces that Optuna would replace.
        url = self.url.render_as_string(hide_password=False)
        try:
            return RDBStorage(url, {"pool_pre_ping": True})
        except ImportError as error:
            module = getattr(error.__cause__, "name", None) or "of the URL"
            package = _PACKAGES.get(module, module)
            raise ArgumentError(
                f"{self.label} needs the driver {module}, which is not installed: "
                f'pip install "{package}".'
            ) from error
        except RuntimeError as error:  # of another version of Optuna
            raise StudyError(f"{self.label} cannot be used: {error}") from error

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlalchemy.exc.SQLAlchemyError, StorageInternalError) as error:
            raise StudyError(
                f"{self.label} cannot be used ({self._cause(error)}); check the "
                "address, the user and the password, and that the server runs."
            ) from error

    def _cause(self, error: BaseException) -> str:
        """What the driver says, without the password."""
        cause = error.__cause__ if isinstance(error, StorageInternalError) else error
        message = str(getattr(cause, "orig", None) or cause)
        for key, value in {"password": self.url.password, **self.url.query}.items():
            if value and "passw" in key.lower():
                message = message.replace(str(value), "***")
        return " ".join(message.split())
