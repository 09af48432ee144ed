"""Resolves the arguments of `train` to one configuration."""

import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from zoo import tasks
from zoo.components import find
from zoo.config import NOT_SERIALIZED, Config, Recipe, option
from zoo.datasets import Dataset
from zoo.datasets.picture_shape import as_taken
from zoo.errors import ArgumentError, RunError, UnknownNameError
from zoo.options import OPTIONS, configure, given_options
from zoo.reading import reading_of
from zoo.registry import ModelSpec, list_models, model_spec
from zoo.runs.folder import choose_folder, read_configuration
from zoo.runs.reading import read_config
from zoo.training.compile import with_rate
from zoo.training.recipe_file import read_recipe
from zoo.validation import fields_of


def resolve_with_data(
    name: str,
    load: Callable[[Config, str], Dataset],
    *,
    recipe: Recipe | str | os.PathLike | None = None,
    **options: Any,
) -> tuple[ModelSpec, Config, Dataset]:
    """Resolves the arguments of `train`, and loads the data, which decides the task.

    Args:
        name: Of the model.
        load: Loads the data of a configuration, for the task of a model.
        recipe: As for `resolve`.
        options: As for `resolve`.

    Raises:
        ZooError: What `resolve` and `load` raise.
    """
    spec, config = resolve(name, recipe=recipe, **options)
    config = _with_pictures_as_taken(spec, config)
    data = load(config, spec.task)
    if data.task in spec.also:
        spec, config = resolve(name, recipe=recipe, data_task=data.task, **options)
        config = _with_pictures_as_taken(spec, config)
    if config.recipe.task is not None:
        spec = spec.serving(config.recipe.task)
    return spec, config, data


def _with_pictures_as_taken(spec: ModelSpec, config: Config) -> Config:
    """Reads pictures in the size and colours of a model that takes no others."""
    shape = config.overrides.get("input_shape")
    if shape is None and "." in spec.name:
        shape = spec.parameters.get("input_shape")
    if shape is None or spec.input != "image" or "dataset" in config.objects:
        return config
    reading = as_taken(config.recipe.dataset, tuple(shape)) | reading_of(config.recipe)
    recipe = dataclasses.replace(config.recipe, **reading)
    return dataclasses.replace(config, recipe=recipe)


def resolve(
    name: str,
    *,
    recipe: Recipe | str | os.PathLike | None = None,
    data_task: str | None = None,
    **options: Any,
) -> tuple[ModelSpec, Config]:
    """Resolves the arguments of `train` to a model and a configuration.

    Options take precedence over the resumed run, and that over the recipe file or the
    registered recipe.

    Args:
        name: Of the model.
        recipe: A recipe, or a file of one.
        data_task: Which of its tasks the model is for; the first if None.
        options: Those of `train`.

    Raises:
        UnknownNameError: If there is no such model.
        ArgumentError: If there is no such option, or a value is wrong.
        RunError: If the run to resume is damaged.
    """
    given = given_options(options)
    if given.get("resume") and given.get("output") and name not in list_models():
        _check_not_own(Path(given["output"]))
    spec = model_spec(name)
    overrides: dict[str, Any] = {}
    if isinstance(recipe, str | os.PathLike):
        saved = read_recipe(recipe)
        if saved.name != name:
            raise ArgumentError(
                f"{recipe} is a recipe for {saved.name!r}, not for {name!r}."
            )
        recipe, overrides = saved.recipe, {"overrides": saved.overrides}
    held, settings = None, {}
    if given.get("resume"):
        default = (recipe or spec.recipe).dataset
        folder = given.get("output") or choose_folder(
            name, dataset_name(given.get("dataset", default)), resume=True
        )
        held, settings = held_configuration(Path(folder), name, given)
    recipe = recipe or held
    dataset = dataset_name(given.get("dataset", (recipe or spec.recipe).dataset))
    instance = f"{name}.{dataset}"
    if instance in list_models():
        spec = model_spec(instance)
    spec = spec.serving(data_task or spec.task)
    recipe = _for_dataset(recipe or spec.recipe, dataset, spec.task)
    config = configure(name, recipe, options, settings | overrides)
    return spec, dataclasses.replace(config, recipe=with_rate(config.recipe))


def _for_dataset(recipe: Recipe, dataset: str, task: str) -> Recipe:
    """A recipe without what it knows of its own dataset, where that is another one."""
    if dataset == recipe.dataset:
        return recipe
    encoding = tasks.get(task).without_data(recipe.encoding)
    return dataclasses.replace(recipe, dataset=dataset, encoding=encoding)


def held_configuration(
    directory: Path, name: str | None, given: Mapping[str, Any]
) -> tuple[Recipe | None, dict[str, Any]]:
    """Reads the recipe and the settings of a run to resume.

    Args:
        directory: The run folder.
        name: Of the model; any without it.
        given: Options that are given again.

    Raises:
        RunError: If `config.json` is damaged, or holds a component that is unknown.
    """
    recipe, settings = read_configuration(directory, name)
    if recipe is None:
        return None, settings
    held = {key: getattr(recipe, key) for key in fields_of(Recipe)} | settings
    for key, value in held.items():
        special = option(OPTIONS[key])
        if special.component is None or value is None or key in given:
            continue
        for component, arguments in value if special.several else [value]:
            if arguments == NOT_SERIALIZED:
                continue
            try:
                find(special.component, component)
            except UnknownNameError as error:
                path = directory / "config.json"
                raise RunError(f"{path} is damaged: `{key}`: {error}") from error
    return recipe, settings


def _check_not_own(directory: Path) -> None:
    path = directory / "config.json"
    if path.exists() and "own_model" in read_config(directory):
        raise ArgumentError(
            f"The run in {directory} trains a model of your own, which has to be given "
            f"again: zoo.train(model, output={str(directory)!r}, resume=True)."
        )


def dataset_name(dataset: Any) -> str:
    """Returns the name of a dataset, given as an object or by name.

    Raises:
        ArgumentError: If it is neither.
    """
    if isinstance(dataset, Dataset):
        return dataset.name
    if not isinstance(dataset, str | os.PathLike):
        raise ArgumentError(
            "`dataset` must be a name, a path, or a zoo.Dataset, as zoo.make_dataset "
            f"makes one of arrays. Received: {type(dataset).__name__}"
        )
    return str(os.fspath(dataset))
