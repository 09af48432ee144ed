"""Methods of explanation: one a file, which holds `TITLE`, `READING`, `ORDER` and more.

`NEEDS_MODEL` says whether answers alone do not suffice, `SUBJECTS` what it is for, in
words. `explain` takes a `Case`, a
`ModelCase` where it needs the model, and returns an `Explanation`, or None where the
method does not apply. `READING` is the sentence that says how to read its picture.
"""

import importlib
import pkgutil
from types import ModuleType


def methods() -> dict[str, ModuleType]:
    """Returns the module of each method by name, in the order of the page.

    >>> list(methods())[:3]
    ['reconstruction_error', 'gradient', 'gradient_times_input']
    """
    modules = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    ordered = sorted(modules, key=lambda module: module.ORDER)
    return {module.__name__.rpartition(".")[2]: module for module in ordered}
