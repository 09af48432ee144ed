"""What a search has found."""

import dataclasses
import shlex
from pathlib import Path
from typing import Any, NamedTuple

from zoo.training.direction import Mode
from zoo.training.recipe_file import SavedRecipe


class TrialSummary(NamedTuple):
    """A trial of a study.

    Args:
        number: From 0.
        state: `complete`, `pruned`, `failed`, `interrupted` or `running`.
        value: The best validation value of its epochs; `None` if it did not complete.
        epochs: Number of finished epochs.
        seconds: Wall time.
        parameters: The hyperparameters.
        reason: Why it failed.
    """

    number: int
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
        best: The best trial that completed.
        recipe: Its model, arguments and recipe.
        recipe_file: Where that is written, for `zoo train --recipe`.
        monitor: The validation metric that is optimized.
        mode: Whether it is minimized or maximized.
        trials: All trials, those of earlier searches and other processes, too.
        storage: Path or URL of the storage, without its password.
        study_name: Name of the study in it.
        directory: The folder of the report and of the runs of the trials.
        jit: `jit` of each training; the same gives the same metrics.
    """

    best: TrialSummary
    recipe: SavedRecipe
    recipe_file: Path
    monitor: str
    mode: Mode
    trials: list[TrialSummary]
    storage: str
    study_name: str
    directory: Path
    jit: str

    @property
    def command(self) -> str:
        """Trains the best recipe to the metrics of its trial."""
        jit = "" if self.jit == "auto" else f" --jit {self.jit}"
        return f"zoo train --recipe {shlex.quote(str(self.recipe_file))}{jit}"
