"""The study of a search: an SQLite file that processes share."""

import contextlib
import fcntl
import os
import platform
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import optuna
import psutil
import sqlalchemy.exc
import sqlalchemy.pool
from optuna.trial import TrialState

from zoo.errors import StudyError

Direction = Literal["minimize", "maximize"]
NAME = "zoo"
STARTUP_TRIALS = 5  # before a trial may be pruned
WAIT_SECONDS = 60.0  # for other processes that write


@contextlib.contextmanager
def opened(
    path: Path, facts: dict[str, Any], first: dict[str, Any], *, direction: Direction
) -> Iterator[optuna.Study]:
    """Opens a study, or makes it where there is none.

    Args:
        path: The SQLite file.
        facts: What the study is of; that of an existing one must be the same.
        first: Parameters of the first trial of a new one.
        direction: `minimize` or `maximize`.

    Raises:
        StudyError: If the file is damaged, is something else, or of another search.
    """
    with _study_errors(path):
        if not path.exists():
            _create(path, facts, first, direction)
        _check_file(path)
        with _storage(path, create=False) as storage:
            _check_facts(path, storage, facts)
            warmup = facts["epochs"] // 5
            pruner = optuna.pruners.MedianPruner(STARTUP_TRIALS, warmup)
            yield optuna.load_study(study_name=NAME, storage=storage, pruner=pruner)


def sampler_for(kind: str, seed: int, number: int) -> optuna.samplers.BaseSampler:
    """Makes what chooses the parameters of a trial.

    Each trial has its own, seeded by its number: processes that share a study so
    never make the same trial, and one that goes on makes those it would have made.
    """
    drawn = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])
    if kind == "random":
        return optuna.samplers.RandomSampler(seed=drawn)
    return optuna.samplers.TPESampler(seed=drawn, n_startup_trials=STARTUP_TRIALS)


def ask(study: optuna.Study, lock: Path) -> optuna.Trial:
    """Takes the next trial, and writes down which process makes it.

    Args:
        study: The study.
        lock: File that all processes lock: SQLite would give a trial that waits to two
            that ask at the same time.
    """
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        trial = study.ask()
    trial.set_user_attr("process", _identity(psutil.Process()))
    return trial


def end_orphans(study: optuna.Study) -> None:
    """Ends the trials of processes of this machine that were killed."""
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        owner = trial.user_attrs.get("process")
        if owner and owner[0] == platform.node() and not _is_alive(owner):
            study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)


def _identity(process: psutil.Process) -> list[Any]:
    # With its start, because the system uses the numbers of processes again.
    return [platform.node(), process.pid, process.create_time()]


def _is_alive(owner: list[Any]) -> bool:
    try:
        return _identity(psutil.Process(owner[1])) == owner
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def _study_errors(path: Path) -> Iterator[None]:
    """Tells what goes wrong with the file in one line."""
    errors = (
        sqlite3.Error,
        sqlalchemy.exc.SQLAlchemyError,
        optuna.exceptions.StorageInternalError,
    )
    try:
        yield
    except errors as error:
        cause = error.__cause__ or error
        raise StudyError(
            f"The study {path} cannot be used ({cause}); it is damaged, locked or on "
            "a full disk. Mend that, or give another --study."
        ) from error


@contextlib.contextmanager
def _storage(path: Path, *, create: bool) -> Iterator[optuna.storages.RDBStorage]:
    # Not by an address: a path may hold what has a meaning in one.
    options = {
        "creator": lambda: sqlite3.connect(
            path, timeout=WAIT_SECONDS, check_same_thread=False
        ),
        "poolclass": sqlalchemy.pool.QueuePool,
    }
    try:
        storage = optuna.storages.RDBStorage(
            "sqlite://", options, skip_table_creation=not create
        )
    except RuntimeError as error:  # of another version of Optuna
        raise StudyError(f"The study {path} cannot be used: {error}") from error
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _create(
    path: Path, facts: dict[str, Any], first: dict[str, Any], direction: Direction
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".part-", dir=path.parent) as folder:
        part = Path(folder, path.name)
        with _storage(part, create=True) as storage:
            study = optuna.create_study(
                study_name=NAME, storage=storage, direction=direction
            )
            study.set_user_attr("facts", facts)
            study.enqueue_trial(first)
        # A link, unlike a move, fails if another process was faster.
        with contextlib.suppress(FileExistsError):
            os.link(part, path)


def _check_file(path: Path) -> None:
    # Before Optuna writes to it: it may be the file of another program.
    address = f"{path.resolve().as_uri()}?mode=ro"
    with contextlib.closing(
        sqlite3.connect(address, uri=True, timeout=WAIT_SECONDS)
    ) as file:
        names = "select name from sqlite_master where type = 'table'"
        tables = {row[0] for row in file.execute(names)}
        (state,) = file.execute("pragma quick_check").fetchone()
    if state != "ok":
        raise StudyError(f"The study {path} is damaged ({state}); give another.")
    if not {"studies", "trials", "version_info"} <= tables:
        raise StudyError(f"{path} is no study; give another --study.")


def _check_facts(
    path: Path, storage: optuna.storages.RDBStorage, facts: dict[str, Any]
) -> None:
    names = {study.study_name: study for study in storage.get_all_studies()}
    if NAME not in names or "facts" not in names[NAME].user_attrs:
        raise StudyError(f"{path} holds no study of `zoo tune`; give another --study.")
    held = names[NAME].user_attrs["facts"]
    changed = [key for key in facts if facts[key] != held.get(key)]
    if changed:
        held_facts = ", ".join(
            f"{k} {held.get(k)!r}, not {facts[k]!r}" for k in changed
        )
        raise StudyError(
            f"{path} holds a study with {held_facts}; ask for the same or give another "
            "--study."
        )
