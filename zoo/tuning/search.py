"""The course of a search: trials one after the other, until there are enough."""

import contextlib
import dataclasses
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import keras
import optuna
from optuna.trial import FrozenTrial, TrialState

from zoo import tasks
from zoo.config import Recipe
from zoo.datasets import Dataset, Split, load_dataset
from zoo.errors import ArgumentError, StudyError
from zoo.machines.devices import accelerators
from zoo.runs.summary import RUNS
from zoo.tasks.compatibility import arguments_for
from zoo.training.job import resolve
from zoo.training.recipe_file import SavedRecipe, write_recipe
from zoo.tuning.result import Row, Tuning
from zoo.tuning.space import Candidate, Space
from zoo.tuning.study import ask, end_orphans, opened, sampler_for
from zoo.tuning.study_report import write_report
from zoo.tuning.trial import UnfitError, run_trial

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
        dataset: str | Path | Dataset | None,
        epochs: int | None,
        seed: int,
        study: str | Path | None,
        sampler: str,
        encoding: dict[str, Any] | None,
    ) -> None:
        spec, config = resolve(
            name, dataset=dataset, epochs=epochs, seed=seed, encoding=encoding
        )
        recipe = config.recipe
        data = dataset if isinstance(dataset, Dataset) else load_dataset(recipe.dataset)
        task = tasks.get(spec.task)
        data = task.encode(data, recipe.encoding)
        arguments_for(name, spec, data, {})
        self.name = name
        self.data = _without_test(data)
        self.monitor = recipe.monitor or task.monitor
        self.space = Space(spec, recipe, task.fixed_by_data(data))
        # A trial is short: to compile it with XLA takes longer than to train it.
        is_plain = keras.backend.backend() == "tensorflow" and not accelerators()
        self.jit = "off" if is_plain else "auto"
        instance = f"{spec.architecture}.{Path(data.name).stem}"
        self.path = Path(study) if study else RUNS / "tune" / f"{instance}.db"
        self.directory = self.path.with_suffix("")
        if self.directory == self.path:
            raise ArgumentError(
                f"`study` must be a file with an ending, such as {self.path}.db: the "
                "folder beside it has its name without the ending."
            )
        self._seed, self._sampler = recipe.seed, sampler
        self._facts = {
            "name": name,
            "dataset": data.name,
            "epochs": recipe.epochs,
            "seed": recipe.seed,
            "jit": self.jit,
            "encoding": recipe.encoding,
            "space": self.space.describe(),
        }
        self._open = contextlib.ExitStack()

    def __enter__(self) -> "Search":
        """Opens the study."""
        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._open.callback(optuna.logging.set_verbosity, before)
        direction = "minimize" if self._is_loss else "maximize"
        study = opened(self.path, self._facts, self.space.now(), direction=direction)
        self.study = self._open.enter_context(study)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        """Closes it."""
        return self._open.__exit__(kind, error, trace)

    def run(self, trials: int) -> Tuning:
        """Adds trials, and writes the report, also when they are interrupted."""
        end_orphans(self.study)
        try:
            for i in range(1, trials + 1):
                line = self._trial()
                self._keep_the_best()
                print(f"[{i}/{trials}] {line}", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            if self._best() is not None:
                write_report(self.result(), self.study, self.space, self._facts)
            raise
        result = self.result()
        write_report(result, self.study, self.space, self._facts)
        return result

    def result(self) -> Tuning:
        """Reads what the study holds.

        Raises:
            StudyError: If no trial has trained to its end.
        """
        best = self._best()
        trials = self.study.get_trials(deepcopy=False, states=tuple(_STATES))
        if best is None:
            reasons = [t.user_attrs.get("reason") for t in trials]
            reason = next((f" ({reason})" for reason in reasons if reason), "")
            raise StudyError(
                f"No trial in {self.path} has trained to its end{reason}; add --trials."
            )
        return Tuning(
            best=_row(best),
            recipe=self._saved(best),
            recipe_file=self.directory / "best.json",
            monitor=self.monitor,
            trials=[_row(trial) for trial in trials],
            study=self.path,
            directory=self.directory,
            jit=self.jit,
        )

    @property
    def _is_loss(self) -> bool:
        return self.monitor.endswith("loss")

    def _trial(self) -> str:
        trial = ask(self.study, self.path.with_name(f"{self.path.name}.lock"))
        self.study.sampler = sampler_for(self._sampler, self._seed, trial.number)
        state = TrialState.FAIL
        value = None
        try:
            candidate = self.space.suggest(trial)
            trial.set_user_attr("candidate", _plain(candidate))
            value = run_trial(
                trial,
                self.name,
                candidate,
                self.data,
                self._folder(trial.number),
                monitor=self.monitor,
                jit=self.jit,
            )
            state = TrialState.COMPLETE
        except optuna.TrialPruned:
            state = TrialState.PRUNED
        except UnfitError as error:
            # Pruned without a figure, and so the worst: TPE keeps away from there.
            trial.set_user_attr("reason", str(error))
            state = TrialState.PRUNED
        except KeyboardInterrupt:
            # It did nothing wrong: the next search begins with it.
            self.study.enqueue_trial(trial.params)
            raise
        finally:
            done = self.study.tell(trial, value, state=state)
        return self._progress_line(_row(done))

    def _progress_line(self, row: Row) -> str:
        best = self._best()
        so_far = f"; best: trial {best.number}, {best.value:.4f}" if best else ""
        if row.state == "failed":
            return f"trial {row.trial} failed: {row.reason}{so_far}"
        if row.state == "pruned":
            return f"trial {row.trial} pruned after {row.epochs} epochs{so_far}"
        return (
            f"trial {row.trial}: {self.monitor} {row.value:.4f} in "
            f"{row.seconds:.1f} s{so_far}"
        )

    def _best(self) -> FrozenTrial | None:
        """The best trial; of equals the first."""
        done = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        sign = 1 if self._is_loss else -1
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
        candidate = trial.user_attrs["candidate"]
        return SavedRecipe(
            name=self.name,
            overrides=candidate["overrides"],
            recipe=Recipe(**candidate["recipe"]),
            origin={
                "study": str(self.path),
                "trial": trial.number,
                self.monitor: trial.value,
                "jit": self.jit,
            },
        )


def _without_test(data: Dataset) -> Dataset:
    """The data for a search: it cannot see the test split, which is not there."""
    one = Split(data.validation.x[:1], data.validation.y[:1])
    return dataclasses.replace(data, test=one)


def _plain(candidate: Candidate) -> dict[str, Any]:
    recipe = dataclasses.asdict(candidate.recipe)
    return {"overrides": candidate.overrides, "recipe": recipe}


def _row(trial: FrozenTrial) -> Row:
    reason = trial.user_attrs.get("reason")
    duration = trial.duration
    return Row(
        trial=trial.number,
        state="failed" if reason else _STATES[trial.state],
        value=trial.value if trial.state == TrialState.COMPLETE else None,
        epochs=len(trial.intermediate_values),
        seconds=duration.total_seconds() if duration else 0.0,
        parameters=trial.params,
        reason=reason,
    )
