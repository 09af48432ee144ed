"""Loads the source of a training's data."""

from zoo import tasks
from zoo.config import Config
from zoo.datasets import Dataset, load_dataset
from zoo.errors import DatasetError
from zoo.reading import reading_of


def load_source(config: Config, task: str | None) -> Dataset:
    """Returns a dataset; a task may open its source in a stream.

    Args:
        config: With the name or path of the dataset, and the options of reading.
        task: Of the model; None where the data decides.

    Raises:
        DatasetError: If it cannot be loaded.
    """
    recipe = config.recipe
    source, reading = (recipe.dataset, config.data_dir), reading_of(recipe)
    task = recipe.task or task
    opened = None if task is None else tasks.get(task).stream(*source, reading)
    if opened is not None:
        return opened
    try:
        return load_dataset(recipe.dataset, data_dir=config.data_dir, **reading)
    except DatasetError as error:
        if task is None or tasks.get(task).text != "pairs" or "kind" in reading:
            raise
        hint = "A file of texts and translations is read as such by --kind parallel."
        raise DatasetError(f"{error} {hint}") from error
