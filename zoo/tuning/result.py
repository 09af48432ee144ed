"""What a search has found."""

import dataclasses
import shlex
from pathlib import Path
from typing import Any, NamedTuple

from zoo.training.recipe_file import SavedRecipe


class Row(NamedTuple):
    """A trial of a study.

    Args:
        trial: Its number, from 0.
        state: `complete`, `pruned`, `failed`, `interrupted` or `running`.
        value: The best validation figure of its epochs, or none.
        epochs: How many it had.
        seconds: What it took.
        parameters: What was searched, and chosen here.
        reason: Why it failed.
    """

    trial: int
    state: str
    value: float | None
    epochs: int
    seconds: float
    parameters: dict[str, Any]
    reason: str | None


@dataclasses.dataclass(frozen=True)
class Tuning:
    """What a study holds after a search.

    Args:
        best: The best trial that trained to its end.
        recipe: Its model, arguments and recipe.
        recipe_file: Where that is written, for `zoo train --recipe`.
        monitor: The validation figure that decided.
        trials: All trials, those of earlier searches and other processes, too.
        study: The SQLite file.
        directory: Where the report and the runs of the trials are.
        jit: With which `jit` they trained; the same gives the same figures.
    """

    best: Row
    recipe: SavedRecipe
    recipe_file: Path
    monitor: str
    trials: list[Row]
    study: Path
    directory: Path
    jit: str

    @property
    def command(self) -> str:
        """What trains the best recipe to the figures that the study has."""
        jit = "" if self.jit == "auto" else f" --jit {self.jit}"
        return f"zoo train --recipe {shlex.quote(str(self.recipe_file))}{jit}"
