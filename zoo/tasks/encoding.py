"""What a recipe's `encoding` may say of how data becomes numbers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from zoo.arguments import fits
from zoo.errors import ArgumentError, suggestion


class Setting(NamedTuple):
    """A number of an encoding.

    Args:
        default: What holds where nothing is said; whole, if only whole numbers will do.
        least: The least that it may be.
    """

    default: float
    least: float


class Choice(NamedTuple):
    """A word of an encoding, one of some; the first holds where nothing is said."""

    words: tuple[str, ...]

    @property
    def default(self) -> str:
        """The first word."""
        return self.words[0]


Settings = Mapping[str, Setting | Choice]


def complete(settings: Settings, given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns an encoding with what it leaves out.

    Raises:
        ArgumentError: If there is no such setting, or a value is none for it.

    Example:

    >>> complete({"length": Setting(64, least=1)}, {})
    {'length': 64}
    """
    for name, value in given.items():
        if name not in settings:
            raise ArgumentError(
                f"`encoding` has no setting {name!r} for this task."
                f"{suggestion(name, settings)}"
            )
        _check(name, settings[name], value)
    return {name: setting.default for name, setting in settings.items()} | {**given}


def _check(name: str, setting: Setting | Choice, value: Any) -> None:
    if isinstance(setting, Choice):
        if value in setting.words:
            return
        wanted = f"one of {', '.join(setting.words)}"
    else:
        whole = isinstance(setting.default, int)
        if fits(value, int if whole else float) and value >= setting.least:
            return
        kind = "a whole number" if whole else "a number"
        wanted = f"{kind} of {setting.least} or more"
    raise ArgumentError(f"`{name}` must be {wanted}. Received: {value!r}")
