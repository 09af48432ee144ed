"""The search as Python sees it. Without Optuna, this module can be imported, too."""

import importlib.util
from pathlib import Path
from typing import Any

from zoo.datasets import Dataset
from zoo.errors import ArgumentError
from zoo.machines.cluster import read_cluster
from zoo.tuning.result import Tuning

TRIALS = 20
SAMPLERS = "tpe", "random"


def tune(
    name: str,
    *,
    dataset: str | Path | Dataset | None = None,
    trials: int = TRIALS,
    epochs: int | None = None,
    seed: int = 0,
    study: str | Path | None = None,
    sampler: str = "tpe",
    encoding: dict[str, Any] | None = None,
) -> Tuning:
    """Searches the architecture and the hyperparameters of a model with Optuna.

    What is searched comes from the arguments of the model's builder and from its
    recipe. The first trial is the recipe as it stands. A trial that is worse than
    the median at the same epoch ends there. The validation split decides; the test
    split is not read.

    The study is an SQLite file. Further calls add trials to it, also at the same
    time from other processes. Beside it, in a folder of the same name, are
    `best.json` (for `zoo.train(name, recipe=...)`), `report.md`, `report.json`,
    `history.png`, `importance.png`, and in `trials/` the run folder of each
    trial, of which only the best keeps its model.

    Args:
        name: A registered model.
        dataset: As in `zoo.train`.
        trials: How many to add.
        epochs: Of each trial; the recipe's without it.
        seed: Of the search and of each training: one process makes the same trials
            with it, in one call or in several.
        study: The SQLite file; `runs/tune/<architecture>.<dataset>.db` without it.
        sampler: `tpe` learns from the trials so far, `random` does not.
        encoding: As in `zoo.train`; it is not searched.

    Raises:
        UnknownNameError: If there is no such model.
        DatasetError: If the data is missing or does not fit the model.
        ArgumentError: If an argument does not fit, or Optuna is not installed.
        StudyError: If the file is damaged or of another search, or if no trial has
            trained to its end.
    """
    if importlib.util.find_spec("optuna") is None:
        raise ArgumentError(
            "The search needs Optuna, which is not installed: "
            'pip install "keras-serving-zoo[tune]".'
        )
    if read_cluster() is not None:
        raise ArgumentError(
            "A trial is trained by one process: unset TF_CONFIG, and start the search "
            "on each machine, with one `study` on a disk that all of them share."
        )
    if trials < 1:
        raise ArgumentError(f"`trials` must be 1 or more. Received: {trials}")
    if sampler not in SAMPLERS:
        raise ArgumentError(
            f"`sampler` must be one of {', '.join(SAMPLERS)}. Received: {sampler!r}"
        )
    from zoo.tuning.search import Search

    with Search(name, dataset, epochs, seed, study, sampler, encoding) as search:
        return search.run(trials)
