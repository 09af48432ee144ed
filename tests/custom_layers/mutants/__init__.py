"""Broken components, each with the check that must notice.

`MUTANTS` maps a title to the row, what is put in place of its fields, and the check.
Every module beside this one is read.
"""

import importlib
import pkgutil

from .listing import MUTANTS

__all__ = ["MUTANTS"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
