"""Dataset types: a kind of file, a folder, or a place where sets lie by name."""

import dataclasses
import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from zoo.datasets.column import Column
from zoo.datasets.dataset import Dataset
from zoo.discovery import Registry
from zoo.errors import DatasetError

Loader = Callable[..., Dataset]
_OF_COLUMNS = ("target", "features", "ignore", "categories")
FILES = 20  # priority of files; named sets come before them, folders after


@dataclasses.dataclass(frozen=True, kw_only=True)
class DatasetType:
    """A kind of source that `load_dataset` reads.

    Args:
        name: Of the type.
        help: What a user gives, for `zoo train --help`: `an .npz file of arrays`.
        matches: Whether a name or path is one of this type; called with whatever
            `load_dataset` is given, so the file may be missing.
        load: Reads it, by the name or path, the data folder, which may be None, and
            by name those of the `options` that are given. Raises a `DatasetError` where
            it cannot.
        priority: Where several types match, the one of the highest priority loads.
        suffixes: Ends of file names, where these tell the type. Files with such a name
            are found in the data folder by their name alone.
        options: Names of the fields of `zoo.reading.Reading` that it takes.
        tasks: Those that its sources can be read for by the option `task`.
        columns: Describes the columns of a table, by what `load_dataset` is given and
            the `options`; None where there are none.
        targets: Says of a source where its targets come from, and how others are
            given, where an option names columns that it has not; None for no word.
    """

    name: str
    help: str
    matches: Callable[[str | Path], bool]
    load: Callable[..., Dataset]
    priority: int = 0
    suffixes: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    columns: Callable[..., list[Column]] | None = None
    targets: Callable[[str | Path], str] | None = None

    def read(
        self,
        name_or_path: str | Path,
        data_dir: str | Path | None,
        given: Mapping[str, Any],
    ) -> Dataset:
        """Loads a dataset with the options that are given.

        A `task` that no file says, such as `reconstruction`, is one that the data is
        prepared for later.

        Raises:
            DatasetError: If it cannot be loaded, an option has no meaning for it, or it
                cannot be read for the task.
        """
        given = dict(given)
        task = given.get("task")
        named = {name for each in dataset_types() for name in each.tasks}
        if task is not None and task not in named:
            similar = difflib.get_close_matches(task, named, 1)
            if similar:
                raise DatasetError(
                    f"There is no task {task!r}. Did you mean {similar[0]}?"
                )
        if task not in self.tasks:
            given.pop("task", None)
        for key in given:
            if key not in (*self.options, "task"):
                raise DatasetError(
                    f"`{key}` has no meaning for {name_or_path}, which is {self.help}"
                    f"{self._remedy(key, name_or_path)}."
                )
        data = self.load(name_or_path, data_dir, **given)
        if task in named and data.task != task:
            raise DatasetError(
                f"Dataset {data.name!r} is for {data.task}; it cannot be read for "
                f"{task}."
            )
        return data

    def _remedy(self, option: str, name_or_path: str | Path) -> str:
        if option not in _OF_COLUMNS or self.targets is None:
            return "; leave it out"
        return f": {self.targets(name_or_path)}"


_TYPES: Registry[DatasetType] = Registry("dataset type", "zoo.datasets", "")


def register_dataset_type(dataset_type: DatasetType) -> DatasetType:
    """Registers a dataset type, for `load_dataset` to ask whether it matches.

    Returns:
        The type.

    Raises:
        ArgumentError: If the name is taken.
    """
    _TYPES.add(dataset_type.name, dataset_type, dataset_type.load)
    return dataset_type


def register_file_type(
    name: str,
    *suffixes: str,
    help: str,
    priority: int = FILES,
    options: tuple[str, ...] = (),
    tasks: tuple[str, ...] = (),
    columns: Callable[..., list[Column]] | None = None,
) -> Callable[[Loader], Loader]:
    """Registers a function that reads a file, by the end of the file's name.

    Args:
        name: Of the type.
        suffixes: Such as `.csv` and `.csv.gz`; files may have them in upper case.
        help: What a user gives, for `zoo train --help`.
        priority: Where several types match, the one of the highest priority loads.
        options: Keyword arguments of the function: fields of `zoo.reading.Reading`.
        tasks: What its keyword argument `task` may be; none where it takes none.
        columns: See `DatasetType`.

    Raises:
        ArgumentError: If the name is taken.
    """

    def decorate(read: Loader) -> Loader:
        dataset_type = DatasetType(
            name=name,
            help=help,
            matches=lambda given: str(given).lower().endswith(suffixes),
            load=lambda path, data_dir, **given: read(Path(path), **given),
            priority=priority,
            suffixes=suffixes,
            options=options,
            tasks=tasks,
            columns=columns,
        )
        _TYPES.add(name, dataset_type, read)
        return read

    return decorate


def dataset_types() -> list[DatasetType]:
    """Returns the registered types, those of the highest priority first."""
    return sorted(_TYPES, key=lambda dataset_type: -dataset_type.priority)


def type_of(name_or_path: str | Path) -> DatasetType | None:
    """Returns the type that loads this, None where none does.

    Raises:
        DatasetError: If several types of one priority match.
    """
    matching = [each for each in dataset_types() if each.matches(name_or_path)]
    first = [each for each in matching if each.priority == matching[0].priority]
    if len(first) > 1:
        names = " and ".join(repr(each.name) for each in first)
        raise DatasetError(
            f"{name_or_path} is of the dataset types {names}, of one priority; "
            "register one of them with another."
        )
    return first[0] if first else None
