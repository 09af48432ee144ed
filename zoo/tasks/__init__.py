"""Tasks: the loss, metrics, encoding and outputs that a kind of problem needs.

A task is one module of this package, which registers it.
"""

from zoo.discovery import Registry
from zoo.tasks.task import Selection, Task

__all__ = ["Selection", "Task", "get", "list_tasks", "register_task"]

_TASKS: Registry[Task] = Registry(
    "task", __name__, "`zoo.list_tasks()` names them all."
)


def register_task(task: Task) -> Task:
    """Registers a task under its name, for models and datasets to refer to.

    Returns:
        The task.

    Raises:
        ArgumentError: If the name is taken.
    """
    _TASKS.add(task.name, task, task.prepare)
    return task


def list_tasks(filter: str = "") -> list[str]:
    """Lists the registered names in natural order.

    Args:
        filter: `fnmatch` pattern for the name, as in `"*modelling"`; all without it.

    Example:

    >>> list_tasks("*age*") + list_tasks("*tect*")
    ['language_modelling', 'detection']
    """
    return _TASKS.names(filter)


def get(name: str) -> Task:
    """Returns the task of that name.

    Raises:
        UnknownNameError: If there is none; the message names the nearest ones.

    Example:

    >>> get("classification").monitor
    'val_accuracy'
    """
    return _TASKS.get(name)
