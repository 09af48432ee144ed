"""Broken components, each with the check that must notice.

`MUTANTS` maps a title to the row, what is put in place of its fields, and the check.
"""

from . import functions, layers, losses, optimizers
from .listing import MUTANTS

__all__ = ["MUTANTS", "functions", "layers", "losses", "optimizers"]
