"""Trials whose process was killed: found, and tried again.

While a trial trains, its process writes a heartbeat into the study every half minute.
Optuna's own heartbeat needs `Study.optimize` and a relational database; this one works
in each storage.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import psutil
import sqlalchemy.exc
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState

from zoo.errors import StudyError
from zoo.machines.process import identify, is_alive

HEARTBEAT_SECONDS = 30.0
GRACE_SECONDS = 120.0  # without a heartbeat, after which a trial is stale
MAX_RETRIES = 2  # of a trial that may kill each process that tries it


@contextlib.contextmanager
def heartbeat(trial: optuna.Trial) -> Iterator[None]:
    """Keeps a trial from becoming stale as long as the block runs."""
    trial.set_user_attr("process", _identify())
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(trial, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def retry_stale(study: optuna.Study) -> None:
    """Ends the trials whose processes were killed, and enqueues them again.

    Two processes that do this at once do it once.
    """
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        if not _is_stale(trial):
            continue
        retries = trial.user_attrs.get("retries", 0)
        try:
            study.tell(trial.number, state=TrialState.FAIL)
        except (UpdateFinishedTrialError, ValueError):  # another process was faster
            continue
        if retries < MAX_RETRIES:
            enqueue_again(study, trial.number, retries + 1)


def enqueue_again(study: optuna.Study, number: int, retries: int) -> None:
    """Enqueues a trial with the parameters of another.

    Args:
        study: The study.
        number: Of the trial that did not end.
        retries: How often its process was killed.
    """
    trial = study.get_trials(deepcopy=False)[number]
    study.enqueue_trial(
        trial.system_attrs.get("fixed_params", {}) | trial.params,
        user_attrs={"origin": origin(trial), "retries": retries},
    )


def origin(trial: optuna.Trial | FrozenTrial) -> int:
    """The number of the trial that a trial repeats, or its own."""
    return trial.user_attrs.get("origin", trial.number)


def _beat(trial: optuna.Trial, stop: threading.Event) -> None:
    # An error that lasts, or a trial that another process has ended, is met by the
    # training thread.
    errors = (
        *(StorageInternalError, sqlalchemy.exc.SQLAlchemyError, OSError, StudyError),
        UpdateFinishedTrialError,
    )
    while not stop.wait(HEARTBEAT_SECONDS):
        with contextlib.suppress(*errors):
            trial.set_user_attr("heartbeat", time.time())


def _is_stale(trial: FrozenTrial) -> bool:
    process = trial.user_attrs.get("process")
    if process is not None and _is_local(process):
        return not is_alive(process)
    started = trial.datetime_start
    last = trial.user_attrs.get("heartbeat", started.timestamp() if started else 0.0)
    return time.time() - last > GRACE_SECONDS


def _identify() -> dict[str, Any]:
    # Machines may have the same name, and containers that of their machine.
    return identify() | {"boot": psutil.boot_time(), "namespace": _namespace()}


def _is_local(process: dict[str, Any]) -> bool:
    own = _identify()
    # Boot time moves a little when clocks are set.
    is_same_boot = abs(own["boot"] - process["boot"]) < 5
    same = ("host", "namespace")
    return is_same_boot and all(own[key] == process[key] for key in same)


def _namespace() -> str:
    """What the ids of processes are unique in."""
    is_linux = sys.platform == "linux"
    return str(Path("/proc/self/ns/pid").readlink()) if is_linux else ""
