"""`zoo.tune`. This module can be imported without Optuna."""

import importlib.util
import os
from typing import Any

from zoo.datasets import Dataset
from zoo.errors import ArgumentError
from zoo.keywords import takes_fields
from zoo.machines.cluster import read_cluster
from zoo.reading import Reading, takes_reading
from zoo.tuning.result import Tuning

TRIALS = 20
SAMPLERS = "tpe", "random"


@takes_fields(Reading)
@takes_reading
def tune(
    name: str,
    *,
    dataset: str | os.PathLike | Dataset | None = None,
    trials: int = TRIALS,
    epochs: int | None = None,
    seed: int = 0,
    storage: str | os.PathLike | None = None,
    study_name: str | None = None,
    output: str | os.PathLike | None = None,
    sampler: str = "tpe",
    encoding: dict[str, Any] | None = None,
    **reading: Any,
) -> Tuning:
    """Searches the architecture and the hyperparameters of a model with Optuna.

    The search space comes from the arguments of the model's builder and from its
    recipe. The first trial is the baseline: the recipe unchanged. A trial that is worse
    than the median at the same epoch is pruned. The validation split decides; the test
    split is not read.

    The study is stored where `storage` says. Further calls add trials to it, also at
    the same time from other processes, and with a journal file or a server from other
    machines. A trial whose process is killed is tried again by one of the others: at
    once on the same machine, after two minutes without a heartbeat on another.

    `output` holds `best.json` (for `zoo.train(name, recipe=...)`), `report.md`,
    `report.json`, `history.png`, `importance.png`, and in `trials/` the run folder of
    each trial, of which only the best keeps its model.

    Args:
        name: A registered model.
        dataset: As in `zoo.train`.
        trials: How many to add.
        epochs: Of each trial; the recipe's without it.
        seed: Of the search and of each training: one process makes the same trials
            with it, in one call or in several.
        storage: An SQLite file (any suffix but the next two), for one machine; a
            journal file of Optuna (`.log`, `.journal`) on a disk that machines share;
            or the URL of a database, `postgresql://user:password@host/database` or
            `mysql://...`, whose password is not shown or written anywhere. A file holds
            one study, a database any number. Default:
            `runs/tune/<architecture>.<dataset>.db`.
        study_name: Name of the study in the storage; `<architecture>.<dataset>`
            without it.
        output: The folder of results; without it the one beside the file that has its
            name without the suffix, or `runs/tune/<study_name>` for a database.
        sampler: `tpe` learns from the trials so far, `random` does not.
        encoding: As in `zoo.train`; it is not searched.
        reading: How the data is read, as in `zoo.train`: fields of
            `zoo.reading.Reading`, such as `target="price"`.

    Raises:
        UnknownNameError: If there is no such model.
        DatasetError: If the data is missing or does not fit the model.
        ArgumentError: If an argument does not fit, or Optuna or the driver of the
            database is not installed.
        StudyError: If the storage is damaged, cannot be reached or holds another
            search, or if no trial has completed.
    """
    if importlib.util.find_spec("optuna") is None:
        raise ArgumentError(
            "The search needs Optuna, which is not installed: "
            'pip install "keras-serving-zoo[tune]".'
        )
    if read_cluster() is not None:
        raise ArgumentError(
            "A trial is trained by one process: unset TF_CONFIG, and start the search "
            "on each machine, with one `storage` that all of them reach."
        )
    if trials < 1:
        raise ArgumentError(f"`trials` must be 1 or more. Received: {trials}")
    if sampler not in SAMPLERS:
        raise ArgumentError(
            f"`sampler` must be one of {', '.join(SAMPLERS)}. Received: {sampler!r}"
        )
    from zoo.tuning.search import Search

    with Search(
        name,
        dataset,
        epochs,
        seed,
        storage,
        study_name,
        output,
        sampler,
        encoding,
        reading,
    ) as search:
        return search.run(trials)
