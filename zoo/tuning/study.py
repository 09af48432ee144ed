"""The study of a search, which processes and machines share."""

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, check_distribution_compatibility
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from zoo.datasets.fingerprint import describe_changes
from zoo.errors import StudyError, reason
from zoo.training.direction import Mode
from zoo.tuning.storages.storage import Storage

STARTUP_TRIALS = 5  # before a trial may be pruned
CONFIG = "config"
# What Optuna raises on entries that are not its own; it asserts some of them.
_DAMAGES = (
    *(LookupError, TypeError, ValueError, AttributeError, RecursionError),
    *(ArithmeticError, AssertionError),
)


@contextlib.contextmanager
def open_study(
    storage: Storage,
    name: str,
    config: dict[str, Any],
    *,
    mode: Mode,
    distributions: Mapping[str, BaseDistribution],
) -> Iterator[optuna.Study]:
    """Opens a study, or creates it where there is none.

    Args:
        storage: Where it is stored.
        name: Of the study.
        config: What is searched, and how; that of an existing study must be the same.
        mode: Whether the values of the trials are minimized or maximized.
        distributions: Of parameters of the search, by name.

    Raises:
        StudyError: If the storage cannot be used, or holds another search.
    """

    def create(target: BaseStorage) -> None:
        study = optuna.create_study(
            study_name=name,
            storage=target,
            direction="minimize" if mode == "min" else "maximize",
            load_if_exists=True,
        )
        # On a server, somebody else's study may have the name.
        if CONFIG not in study.user_attrs and not study.trials:
            study.set_user_attr(CONFIG, config)

    with storage.open(create) as opened:
        pruner = optuna.pruners.MedianPruner(STARTUP_TRIALS, config["epochs"] // 5)
        try:
            _check_config(storage.label, opened, name, config)
            study = optuna.load_study(study_name=name, storage=opened, pruner=pruner)
            with warnings.catch_warnings():
                # Of values that nothing of ours writes; they are compared below.
                warnings.simplefilter("ignore", UserWarning)
                trials = study.get_trials(deepcopy=False)
            if [each.name for each in study.directions] != [f"{mode}imize".upper()]:
                raise ValueError("it is optimized for something else")
            _check_trials(trials, distributions)
        except _DAMAGES as error:
            raise StudyError(
                f"The study {name!r} in {storage.label} is damaged ({reason(error)}); "
                "give another --study-name or --storage."
            ) from error
        yield study


def make_sampler(
    kind: str, seed: int, number: int, baseline: dict[str, Any]
) -> BaseSampler:
    """Makes what chooses the parameters of a trial.

    Each trial has its own, seeded by its number: processes that share a study so
    never make the same trial, and one that goes on makes those it would have made.

    Args:
        kind: `tpe` or `random`.
        seed: Of the search.
        number: Of the trial.
        baseline: The parameters of trial 0.
    """
    if number == 0:
        return _BaselineSampler(baseline)
    drawn = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])
    if kind == "random":
        return optuna.samplers.RandomSampler(seed=drawn)
    return optuna.samplers.TPESampler(seed=drawn, n_startup_trials=STARTUP_TRIALS)


class _BaselineSampler(BaseSampler):
    """Gives the parameters that it was given."""

    def __init__(self, parameters: dict[str, Any]) -> None:
        self._parameters = parameters

    def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
        return {}

    def sample_relative(
        self, study: Any, trial: Any, search_space: Any
    ) -> dict[str, Any]:
        return {}

    def sample_independent(
        self, study: Any, trial: Any, param_name: str, param_distribution: Any
    ) -> Any:
        return self._parameters[param_name]


def _check_trials(
    trials: Sequence[FrozenTrial], distributions: Mapping[str, BaseDistribution]
) -> None:
    """Checks what the sampler, the next trials and the report rely on."""
    known = dict(distributions)
    for trial in trials:
        for name, found in trial.distributions.items():
            check_distribution_compatibility(known.setdefault(name, found), found)
        if not isinstance(trial.number, int):
            raise ValueError(f"the number of a trial is {trial.number!r}")
        values, held = trial.values or [], trial.user_attrs
        if len(values) != 1 and (values or trial.state == TrialState.COMPLETE):
            raise ValueError(f"trial {trial.number} has {len(values)} values")
        if not all(isinstance(each, int | float) for each in values):
            raise ValueError(f"the value of trial {trial.number} is no number")
        is_ours = isinstance(held.get("retries", 0), int)
        if not (is_ours and isinstance(held.get("reason", ""), str)):
            raise ValueError(f"trial {trial.number} has entries of another kind")


def _check_config(
    label: str, storage: BaseStorage, name: str, config: dict[str, Any]
) -> None:
    studies = {study.study_name: study for study in storage.get_all_studies()}
    if name not in studies:
        others = ", ".join(map(repr, studies)) or "none"
        raise StudyError(
            f"{label} holds no study {name!r} (it holds {others}); give another "
            "--storage or --study-name."
        )
    held = studies[name].user_attrs.get(CONFIG)
    if held is None:
        raise StudyError(
            f"The study {name!r} in {label} is not of `zoo tune`; give another "
            "--study-name or --storage."
        )
    if held["jit"] not in ("auto", "on", "off"):
        raise ValueError("its configuration does not say whether to compile")
    # Whether to compile is the choice of the machine that created the study.
    asked = config.keys() - {"jit", "data"}
    changed = [k for k in config if k in asked and config[k] != held.get(k)]
    if changed:
        differences = ", ".join(
            f"{key} {held.get(key)!r}, not {config[key]!r}" for key in changed
        )
        raise StudyError(
            f"The study {name!r} in {label} has {differences}; ask for the same or "
            "give another --study-name or --storage."
        )
    found = config.get("data", {})
    data = describe_changes(held.get("data", found), found)
    if data:
        raise StudyError(
            f"The study {name!r} in {label} is on other data: {config['dataset']} now "
            f"has {data}; give the data that it began with, or another --study-name or "
            "--storage."
        )
