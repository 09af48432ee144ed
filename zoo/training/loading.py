"""Loads the source of a training's data."""

from zoo import tasks
from zoo.config import Config
from zoo.datasets import Dataset, load_dataset, type_of
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
    kind = type_of(recipe.dataset)
    has_kinds = kind is not None and "kind" in kind.options
    if has_kinds and task is not None and tasks.get(task).text == "pairs":
        reading = {"kind": "parallel"} | reading
    return load_dataset(recipe.dataset, data_dir=config.data_dir, **reading)
