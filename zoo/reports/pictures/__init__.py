"""Pictures of a run: one a file, which holds `TITLE`, `ORDER` and `draw`.

`draw` takes a `Subject` and returns a figure, or None where the picture does not apply.
The page shows pictures by `ORDER`, the lowest first.
"""

import importlib
import pkgutil
from types import ModuleType


def pictures() -> list[ModuleType]:
    """Returns the module of each picture, in the order of the page."""
    modules = (
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    )
    return sorted(modules, key=lambda module: module.ORDER)
