"""The course of a search: trials one after the other, until there are enough."""

import contextlib
import dataclasses
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any

import keras
import optuna
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from zoo import messages, tasks
from zoo.config import Config, Recipe
from zoo.datasets import Dataset, Split
from zoo.datasets.fingerprint import fingerprint
from zoo.errors import ArgumentError, StudyError
from zoo.machines.devices import accelerators
from zoo.runs.summary import RUNS
from zoo.tasks.compatibility import arguments_for
from zoo.training.compile import make_metrics
from zoo.training.direction import Mode, known_mode
from zoo.training.loading import load_source
from zoo.training.recipe_file import SavedRecipe, write_recipe
from zoo.training.resolve import resolve_with_data
from zoo.tuning.result import TrialSummary, Tuning
from zoo.tuning.space import Candidate, Space
from zoo.tuning.stale import enqueue_again, heartbeat, origin, retry_stale
from zoo.tuning.storages.choose import choose_storage
from zoo.tuning.study import CONFIG, make_sampler, open_study
from zoo.tuning.study_report import write_report
from zoo.tuning.trial import InfeasibleError, run_trial

_STATES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "interrupted",
    TrialState.RUNNING: "running",
}


class Search:
    """A search with its study open; `zoo.tune` documents the arguments."""

    def __init__(
        self,
        name: str,
        dataset: str | os.PathLike | Dataset | None,
        epochs: int | None,
        seed: int,
        storage: str | os.PathLike | None,
        study_name: str | None,
        output: str | os.PathLike | None,
        sampler: str,
        encoding: dict[str, Any] | None,
        reading: dict[str, Any],
    ) -> None:
        spec, config, data = resolve_with_data(
            name,
            _load,
            dataset=dataset,
            epochs=epochs,
            seed=seed,
            encoding=encoding,
            **reading,
        )
        recipe = config.recipe
        task = tasks.get(spec.task)
        recipe = dataclasses.replace(recipe, encoding=task.fit(data, recipe.encoding))
        data = task.encode(data, recipe.encoding)
        arguments_for(name, spec, data, {})
        self.name = name
        self.data = _without_test(data)
        self.monitor = recipe.monitor or task.monitor
        metrics = [*task.metrics(), *make_metrics(recipe)]
        self.mode: Mode = known_mode(self.monitor, recipe.mode, metrics)
        self.space = Space(spec, recipe, task.fixed_by_data(data))
        # A trial is short: to compile it with XLA takes longer than to train it.
        is_plain = keras.backend.backend() == "tensorflow" and not accelerators()
        self.jit = "off" if is_plain else "auto"
        instance = f"{spec.architecture}.{Path(data.name).stem}"
        self.study_name = _checked(study_name or instance)
        default = RUNS / "tune" / self.study_name
        self.storage = choose_storage(
            storage or default.with_name(f"{default.name}.db")
        )
        self.directory = Path(output or self.storage.directory or default)
        self._beside = () if output else (self.directory,)  # of whoever made the file
        self._seed, self._sampler = recipe.seed, sampler
        self._config = {
            "name": name,
            "dataset": data.name,
            "epochs": recipe.epochs,
            "seed": recipe.seed,
            "jit": self.jit,
            "encoding": recipe.encoding,
            "space": self.space.describe(),
            "data": fingerprint(self.data),
        }

    def __enter__(self) -> "Search":
        """Opens the study."""
        with contextlib.ExitStack() as stack:
            before = optuna.logging.get_verbosity()
            optuna.logging.set_verbosity(optuna.logging.ERROR)
            stack.callback(optuna.logging.set_verbosity, before)
            self._check_places()
            # Before a trial of another process can make its folder.
            is_used = (self.directory / "trials").exists()
            self.study = stack.enter_context(
                open_study(
                    self.storage,
                    self.study_name,
                    self._config,
                    mode=self.mode,
                    distributions=self.space.distributions(),
                )
            )
            if is_used and not self.study.get_trials(deepcopy=False):
                raise StudyError(
                    f"{self.directory} holds the trials of another study; give another "
                    "--output."
                )
            self.jit = self._config["jit"] = self.study.user_attrs[CONFIG]["jit"]
            self._open = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        """Closes it."""
        return self._open.__exit__(kind, error, trace)

    def _check_places(self) -> None:
        """Checks that trials are written, and their files deleted, in the folder."""
        trials = self.directory / "trials"
        for path in (*self._beside, trials, *trials.glob("*")):
            if path.is_symlink():
                raise StudyError(f"{path} is a link to another place; remove it.")

    def run(self, trials: int) -> Tuning:
        """Adds trials, and writes the report, also when they are interrupted."""
        try:
            for i in range(1, trials + 1):
                line = self._trial()
                self._keep_the_best()
                messages.inform(f"[{i}/{trials}] {line}")
        except KeyboardInterrupt:
            if self._best() is not None:
                write_report(self.result(), self.study, self.space, self._config)
            raise
        result = self.result()
        write_report(result, self.study, self.space, self._config)
        return result

    def result(self) -> Tuning:
        """Returns what the study holds.

        Raises:
            StudyError: If no trial has trained to its end.
        """
        best = self._best()
        trials = self.study.get_trials(deepcopy=False, states=tuple(_STATES))
        if best is None:
            reasons = [t.user_attrs.get("reason") for t in trials]
            reason = next((f" ({reason})" for reason in reasons if reason), "")
            raise StudyError(
                f"No trial in {self.storage.label} has trained to its end{reason}; add "
                "--trials."
            )
        return Tuning(
            best=_summary(best),
            recipe=self._saved(best),
            recipe_file=self.directory / "best.json",
            monitor=self.monitor,
            mode=self.mode,
            trials=[_summary(trial) for trial in trials],
            storage=self.storage.label,
            study_name=self.study_name,
            directory=self.directory,
            jit=self.jit,
        )

    def _trial(self) -> str:
        with self.storage.lock():
            retry_stale(self.study)
            trial = self.study.ask()
        self.study.sampler = make_sampler(
            self._sampler, self._seed, origin(trial), self.space.baseline()
        )
        state = TrialState.FAIL
        value = None
        try:
            with heartbeat(trial):
                value = self._train(trial)
            state = TrialState.COMPLETE
        except optuna.TrialPruned:
            state = TrialState.PRUNED
        except UpdateFinishedTrialError:
            pass  # It was stale, and another process has enqueued it again.
        except KeyboardInterrupt:
            # It did nothing wrong: the next search begins with it.
            enqueue_again(self.study, trial.number, trial.user_attrs.get("retries", 0))
            raise
        finally:
            done = self.study.tell(trial, value, state=state, skip_if_finished=True)
        return self._progress_line(_summary(done))

    def _train(self, trial: optuna.Trial) -> float:
        candidate = self.space.suggest(trial)
        trial.set_user_attr("candidate", _plain(candidate))
        try:
            return run_trial(
                trial,
                self.name,
                candidate,
                self.data,
                self._folder(trial.number),
                monitor=self.monitor,
                mode=self.mode,
                jit=self.jit,
            )
        except InfeasibleError as error:
            # Pruned without a value, and so the worst: TPE keeps away from there.
            trial.set_user_attr("reason", str(error))
            raise optuna.TrialPruned from error

    def _progress_line(self, trial: TrialSummary) -> str:
        best = self._best()
        so_far = f"; best: trial {best.number}, {best.value:.4f}" if best else ""
        if trial.state == "failed":
            return f"trial {trial.number} failed: {trial.reason}{so_far}"
        if trial.state == "interrupted":
            return f"trial {trial.number} was silent, and is tried again{so_far}"
        if trial.state == "pruned":
            return f"trial {trial.number} pruned after {trial.epochs} epochs{so_far}"
        return (
            f"trial {trial.number}: {self.monitor} {trial.value:.4f} in "
            f"{trial.seconds:.1f} s{so_far}"
        )

    def _best(self) -> FrozenTrial | None:
        """The best trial; of equals the first."""
        done = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        sign = 1 if self.mode == "min" else -1
        return min(done, key=lambda t: (sign * (t.value or 0), t.number), default=None)

    def _folder(self, number: int) -> Path:
        return self.directory / "trials" / f"{number:04d}"

    def _keep_the_best(self) -> None:
        """Writes the best recipe, and drops what only the best run needs."""
        trials = self.study.get_trials(deepcopy=False)
        best = self._best()
        for trial in trials:
            if trial.state.is_finished():
                folder = self._folder(trial.number)
                for name in ("checkpoints", "logs"):
                    shutil.rmtree(folder / name, ignore_errors=True)
                # Of a run of the search, they are figures of no test split.
                (folder / "metrics.json").unlink(missing_ok=True)
                if best is not None and trial.number != best.number:
                    (folder / "model.keras").unlink(missing_ok=True)
        if best is not None:
            write_recipe(self.directory / "best.json", self._saved(best))

    def _saved(self, trial: FrozenTrial) -> SavedRecipe:
        try:
            candidate = trial.user_attrs["candidate"]
            overrides, recipe = candidate["overrides"], Recipe(**candidate["recipe"])
        except (LookupError, TypeError) as error:
            raise StudyError(
                f"Trial {trial.number} in {self.storage.label} is damaged; give "
                "another --storage."
            ) from error
        return SavedRecipe(
            name=self.name,
            overrides=overrides,
            recipe=recipe,
            origin={
                "storage": self.storage.label,
                "study_name": self.study_name,
                "trial": trial.number,
                self.monitor: trial.value,
                "jit": self.jit,
            },
        )


def _load(config: Config, task: str) -> Dataset:
    return config.objects.get("dataset") or load_source(config, task)


def _checked(study_name: str) -> str:
    if Path(study_name).name != study_name or study_name == "..":
        raise ArgumentError(
            "`study_name` is the name of a folder, too; use no slash. Received: "
            f"{study_name!r}"
        )
    return study_name


def _without_test(data: Dataset) -> Dataset:
    """The data for a search: it cannot see the test split, which is not there."""
    one = Split(data.validation.x[:1], data.validation.y[:1])
    return dataclasses.replace(data, test=one)


def _plain(candidate: Candidate) -> dict[str, Any]:
    recipe = dataclasses.asdict(candidate.recipe)
    return {"overrides": candidate.overrides, "recipe": recipe}


def _summary(trial: FrozenTrial) -> TrialSummary:
    reason = trial.user_attrs.get("reason")
    duration = trial.duration
    return TrialSummary(
        number=trial.number,
        state="failed" if reason else _STATES[trial.state],
        value=trial.value if trial.state == TrialState.COMPLETE else None,
        epochs=len(trial.intermediate_values),
        seconds=duration.total_seconds() if duration else 0.0,
        parameters=trial.params,
        reason=reason,
    )
