"""Pictures of a run: one a file, which holds `TITLE`, `READING`, `ORDER` and `draw`.

`draw` takes a `Subject` and returns a figure, or None where the picture does not apply.
The page shows pictures by `ORDER`, the lowest first, with the sentence `READING` that
says how to read them.
"""

import importlib
import pkgutil
from types import ModuleType

from matplotlib.figure import Figure

from zoo.reports.subject import Subject


def pictures() -> list[ModuleType]:
    """Returns the module of each picture, in the order of the page."""
    modules = (
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    )
    return sorted(modules, key=lambda module: module.ORDER)


def drawn(subject: Subject) -> dict[ModuleType, Figure]:
    """Draws the pictures that apply to a run, in the order of the page."""
    figures = {picture: picture.draw(subject) for picture in pictures()}
    return {picture: figure for picture, figure in figures.items() if figure}
