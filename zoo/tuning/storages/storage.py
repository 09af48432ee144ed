"""What all storages have in common, and the file that holds one study."""

import abc
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from optuna.storages import BaseStorage

from zoo.errors import ArgumentError, StudyError

LEAST_TRIAL = 256  # bytes; Optuna needs twenty times as many for one without entries
Create = Callable[[BaseStorage], None]


class Storage(abc.ABC):
    """Where a study is stored.

    Args:
        label: Its path or URL, without a password.
        directory: The folder beside it, for the report and the runs of the trials;
            `None` where there is none.
    """

    label: str
    directory: Path | None

    @abc.abstractmethod
    def open(self, create: Create) -> AbstractContextManager[BaseStorage]:
        """Opens the storage as Optuna's.

        Args:
            create: Creates the study; called where it may be missing.

        Raises:
            StudyError: In place of the errors of the storage, within the block, too.
        """

    def lock(self) -> AbstractContextManager[None]:
        """Keeps other processes from taking or freeing a trial within the block.

        Optuna does this where the storage can compare and set.
        """
        return contextlib.nullcontext()


class FileStorage(Storage):
    """A file with one study, created whole or not at all.

    Args:
        path: Of the file.

    Raises:
        ArgumentError: If it has no suffix.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.label = str(path)
        self.directory = path.with_suffix("")
        if self.directory == path:
            raise ArgumentError(
                f"`storage` must be a URL or a file with a suffix, such as {path}.db: "
                "the folder beside it has its name without the suffix."
            )

    @contextlib.contextmanager
    def open(self, create: Create) -> Iterator[BaseStorage]:
        """Opens the file, or creates it where there is none."""
        if not self.path.exists():
            self._create(create)
        if not self.path.is_file():  # a pipe would be waited for
            raise StudyError(f"{self.path} is no file; give another --storage.")
        with self.connect(self.path) as storage:
            yield storage

    @abc.abstractmethod
    def connect(
        self, path: Path, *, is_new: bool = False
    ) -> AbstractContextManager[BaseStorage]:
        """Opens a file as Optuna's storage.

        Raises:
            StudyError: If the file is damaged, or of another program.
        """

    def _create(self, create: Create) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            prefix=".part-", dir=self.path.parent
        ) as folder:
            part = Path(folder, self.path.name)
            with self.connect(part, is_new=True) as storage:
                create(storage)
            # A link, unlike a move, fails if another process was faster.
            with contextlib.suppress(FileExistsError):
                os.link(part, self.path)
