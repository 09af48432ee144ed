"""Errors that a user can fix: each message says what was wrong and what to do."""

import difflib
import re
from collections.abc import Iterable

_FEW = 8  # names that one line holds


class ZooError(Exception):
    """Base class of expected errors; each message is a single line.

    >>> str(ZooError("no column 'two\\nlines'"))
    "no column 'two lines'"
    """

    def __str__(self) -> str:
        """The message; names in a user's files may hold line breaks."""
        return re.sub(r"\s*\n\s*", " ", super().__str__())


class UnknownNameError(ZooError, ValueError):
    """A name that is not registered."""

    @classmethod
    def of(
        cls, kind: str, name: str, known: Iterable[str], remedy: str
    ) -> "UnknownNameError":
        """Makes the error of a name that is none of the known ones."""
        return cls(f"Unknown {kind} {name!r}.{suggestion(str(name), known)} {remedy}")


def reason(error: Exception) -> str:
    """Returns what an error of a library says, in one line that is not too long.

    >>> reason(ValueError("no such\\n  operator"))
    'no such operator'
    >>> reason(ValueError())
    'ValueError'
    """
    return " ".join(str(error).split())[:200] or type(error).__name__


class ArgumentError(ZooError, ValueError):
    """An argument that does not fit, alone or with the others."""


class PluginError(ZooError):
    """A file or package of a user that cannot be imported."""


class DatasetError(ZooError, ValueError):
    """Data that is missing, unreadable, or does not fit the model."""


class BoundError(DatasetError):
    """Data that would unfold to more than data of its size does."""


class MissingDataError(DatasetError):
    """A dataset that has to be downloaded first."""


class VectorFileError(ZooError, ValueError):
    """A file of word vectors is missing, damaged, or is none."""


class WeightsError(ZooError, ValueError):
    """A weights file that is missing, corrupted, or made for another model."""


class RunError(ZooError):
    """A run folder that is missing, incomplete, or belongs to another run."""


class DivergedError(RunError):
    """A training whose loss ends far above where it began."""


class NotFiniteError(DivergedError):
    """Loss or weights are not finite, in a training or of a model that came of one."""


class StudyError(ZooError):
    """A study of a search that is damaged, or belongs to another search."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """Returns a sentence that suggests the known names most similar to `name`.

    >>> suggestion("lenet", ["lenet5", "mlp"])
    ' Did you mean lenet5?'
    >>> suggestion("transformer", ["mlp", "lenet5"])
    ' Known: lenet5, mlp.'
    >>> suggestion("transformer", [f"mlp{i}" for i in range(9)])
    ' Nearest: mlp8, mlp7, mlp6.'
    """
    known = sorted(known)
    similar = difflib.get_close_matches(name, known)
    similar += [k for k in known if name and name in k and k not in similar][:3]
    if similar:
        return f" Did you mean {', '.join(similar)}?"
    if len(known) > _FEW:
        return f" Nearest: {', '.join(nearest(name, known))}."
    return f" Known: {', '.join(known)}." if known else ""


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Returns the three known names that are most similar to `name`."""
    return difflib.get_close_matches(name, known, cutoff=0.0)
