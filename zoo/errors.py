"""Errors that a user can fix: each message says what was wrong and what to do."""

import difflib
from collections.abc import Iterable


class ZooError(Exception):
    """Base class of expected errors; the command line prints one as a single line."""


class UnknownNameError(ZooError, ValueError):
    """A name that is not registered."""

    def __init__(self, kind: str, name: str, known: Iterable[str], remedy: str) -> None:
        super().__init__(
            f"Unknown {kind} {name!r}.{suggestion(str(name), known)} {remedy}"
        )


class ArgumentError(ZooError, ValueError):
    """An argument that does not fit, alone or with the others."""


class PluginError(ZooError):
    """A file or package of a user that cannot be imported."""


class DatasetError(ZooError, ValueError):
    """Data that is missing, unreadable, or does not fit the model."""


class MissingDataError(DatasetError):
    """A dataset that has to be downloaded first."""


class WeightsError(ZooError, ValueError):
    """A weights file that is missing, corrupted, or made for another model."""


class RunError(ZooError):
    """A run folder that is missing, incomplete, or belongs to another run."""


class DivergedError(RunError):
    """A training whose loss ends far above where it began."""


class NotFiniteError(DivergedError):
    """A training that diverged: its loss or weights are not finite."""


class StudyError(ZooError):
    """A study of a search that is damaged, or belongs to another search."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Returns a sentence that suggests the known names most similar to `name`.

    >>> suggestion("lenet", ["lenet5", "mlp"])
    ' Did you mean lenet5?'
    >>> suggestion("transformer", ["mlp", "lenet5"])
    ' Known: lenet5, mlp.'
    """
    known = sorted(known)
    nearest = difflib.get_close_matches(name, known)
    nearest += [k for k in known if name and name in k and k not in nearest][:3]
    if nearest:
        return f" Did you mean {', '.join(nearest)}?"
    return f" Known: {', '.join(known)}." if known else ""
