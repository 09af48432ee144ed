"""Tasks: what models are for, and what that asks of data, loss and serving."""

from zoo.errors import UnknownNameError
from zoo.tasks import (
    classification,
    embedding,
    forecasting,
    language_modelling,
    reconstruction,
    tagging,
    variational,
)
from zoo.tasks.task import Task

__all__ = ["Task", "get"]

_TASKS = {
    module.TASK.name: module.TASK
    for module in (
        classification,
        embedding,
        forecasting,
        language_modelling,
        reconstruction,
        tagging,
        variational,
    )
}


def get(name: str) -> Task:
    """Returns the task of that name.

    >>> get("classification").monitor
    'val_accuracy'
    """
    if name not in _TASKS:
        raise UnknownNameError("task", name, _TASKS, "See zoo/tasks/.")
    return _TASKS[name]
