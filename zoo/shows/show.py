"""A picture that is computed, and the page of several."""

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from zoo.files import replacing, write_json
from zoo.reports import page
from zoo.reports.drawing import png, style

PAGE, DOCUMENT = "show.html", "show.json"


@dataclasses.dataclass(frozen=True)
class Shown:
    """A picture, and the numbers that it shows.

    Args:
        figure: The picture.
        values: The numbers, of what JSON holds.
    """

    figure: Figure
    values: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Show:
    """What draws a picture.

    Args:
        name: What it is asked by.
        title: Above the picture.
        reading: The sentence that says how to read it.
        draw: Computes and draws it.
    """

    name: str
    title: str
    reading: str
    draw: Callable[[], Shown]


def write(shows: Iterable[Show], folder: Path) -> Path:
    """Draws shows, as a PNG each, the numbers in one JSON file, and one page.

    Args:
        shows: In the order of the page.
        folder: Made where it is missing; files of these names are replaced.

    Returns:
        The page. It needs no other file and no network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    parts, values = [], {}
    for show in shows:
        with style():
            shown = show.draw()
            content = png(shown.figure)
        with replacing(folder / f"{show.name}.png") as part:
            part.write_bytes(content)
        values[show.name] = shown.values
        picture = page.figure(content, show.reading)
        again = page.code(f"zoo show {show.name}")
        parts.append(page.section(show.title, show.reading, picture + again))
    write_json(folder / DOCUMENT, values)
    path = folder / PAGE
    with replacing(path) as part:
        part.write_text(page.document("Shown by the zoo", parts), encoding="utf-8")
    return path
