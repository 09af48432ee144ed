"""The line about data that is for another task than the model."""

from zoo.datasets import Dataset
from zoo.errors import DatasetError


def wrong_task(data: Dataset, needs: str) -> DatasetError:
    """Returns the error about data of another task.

    Args:
        data: The data.
        needs: A clause that says what the model needs.
    """
    task = data.task.replace("_", " ")
    return DatasetError(
        f"Dataset {data.name!r} is for {task}; {needs}. `zoo data {data.name}` shows "
        "the models that it fits."
    )
