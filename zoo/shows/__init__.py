"""What a teacher shows: pictures from real runs of seconds, one a file.

A show is a function that computes and draws, and registers itself:

    @register_show("xor", title="Decision boundaries of XOR, by depth", reading="...")
    def xor() -> Shown: ...
"""

from collections.abc import Callable

from zoo.discovery import Registry
from zoo.shows.show import Show, Shown

__all__ = ["Show", "Shown", "find_show", "list_shows", "register_show"]

_SHOWS: Registry[Show] = Registry("show", __name__, "`zoo show` lists them.")


def register_show(
    name: str, *, title: str, reading: str
) -> Callable[[Callable[[], Shown]], Callable[[], Shown]]:
    """Registers what draws a show.

    Args:
        name: What it is asked by.
        title: Above its picture.
        reading: The sentence that says how to read the picture.

    Raises:
        ArgumentError: If the name is taken.
    """

    def register(draw: Callable[[], Shown]) -> Callable[[], Shown]:
        _SHOWS.add(name, Show(name, title, reading, draw), draw)
        return draw

    return register


def list_shows(filter: str = "") -> list[str]:
    """Lists the registered names.

    Args:
        filter: `fnmatch` pattern; all without it.

    Example:

    >>> list_shows("x*")
    ['xor']
    """
    return _SHOWS.names(filter)


def find_show(name: str) -> Show:
    """Returns the show of a name.

    Raises:
        UnknownNameError: If there is none.
    """
    return _SHOWS.get(name)
