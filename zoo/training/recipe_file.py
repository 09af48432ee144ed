"""A recipe as a file: a model, arguments of its builder, and how it is trained."""

import dataclasses
import inspect
import json
import typing
from pathlib import Path
from typing import Any

from custom_layers import losses, optimizers
from zoo.arguments import check_arguments, fits
from zoo.errors import ArgumentError
from zoo.files import write_json
from zoo.registry import Config, Recipe, model_spec
from zoo.training.compile import find_schedule


@dataclasses.dataclass(frozen=True)
class SavedRecipe:
    """What a recipe file holds.

    Args:
        name: A registered model.
        overrides: Arguments of its builder.
        recipe: How it is trained.
        origin: Where it comes from, for the reader.
    """

    name: str
    overrides: Config
    recipe: Recipe
    origin: Config = dataclasses.field(default_factory=dict)


def write_recipe(path: Path, saved: SavedRecipe) -> None:
    """Writes a recipe file, whole or not at all."""
    write_json(path, dataclasses.asdict(saved))


def read_recipe(path: str | Path) -> SavedRecipe:
    """Reads a recipe file and checks all that it asks for.

    Raises:
        ArgumentError: If it is missing or damaged, or asks for what there is not.
        UnknownNameError: If there is no such model.
    """
    path = Path(path)
    try:
        held = json.loads(path.read_text())
    except OSError as error:
        raise ArgumentError(
            f"The recipe {path} cannot be read: {error.strerror}; check the path."
        ) from error
    except ValueError as error:
        raise ArgumentError(
            f"The recipe {path} is damaged ({error}); write it anew."
        ) from error
    try:
        return _checked(held)
    except _WrongError as error:
        raise ArgumentError(f"The recipe {path} is wrong: {error}; mend it.") from error


def recipe_of(fields: Config) -> Recipe:
    """Makes a recipe of what JSON made of its fields."""
    values: Config = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in fields.items()
    }
    return Recipe(**values)


class _WrongError(Exception):
    """What is wrong with the content."""


def _checked(held: Any) -> SavedRecipe:
    hints = typing.get_type_hints(SavedRecipe)
    values = _fields(held, hints | {"recipe": dict[str, Any]}, {"origin"}, "the file")
    hints = typing.get_type_hints(Recipe)
    optional = {f.name for f in dataclasses.fields(Recipe) if f.name != "dataset"}
    fields = _fields(values["recipe"], hints, optional, "`recipe`")
    for key, least in (("epochs", 1), ("batch_size", 1), ("seed", 0)):
        if fields.get(key, least) < least:
            raise _WrongError(f"`{key}` must be {least} or more, not {fields[key]}")
    values["recipe"] = recipe_of(fields)
    _check_parts(values["recipe"])
    spec = model_spec(values["name"])
    check_arguments(spec.name, spec.builder, values["overrides"])
    return SavedRecipe(**values)


def _fields(
    held: Any, hints: dict[str, Any], optional: set[str], where: str
) -> dict[str, Any]:
    """Returns an object of JSON if it has the wanted keys with values that fit."""
    if not isinstance(held, dict):
        raise _WrongError(f"{where} must be an object")
    missing = sorted(hints.keys() - held.keys() - optional)
    unknown = sorted(held.keys() - hints.keys())
    if missing or unknown:
        told = [f"lacks {key!r}" for key in missing]
        told += [f"has {key!r}, which means nothing here" for key in unknown]
        raise _WrongError(f"{where} {' and '.join(told)}")
    for key, value in held.items():
        if not fits(value, hints[key]):
            raise _WrongError(f"`{key}` in {where} may not be {value!r}")
    return held


def _check_parts(recipe: Recipe) -> None:
    if not isinstance(recipe.optimizer[1].get("learning_rate"), int | float):
        raise _WrongError("`optimizer` has no `learning_rate`")
    name, _ = recipe.optimizer
    _make("optimizer", getattr(optimizers, name, None), recipe.optimizer)
    if recipe.loss is not None:
        name, _ = recipe.loss
        _make("loss", getattr(losses, name, None), recipe.loss)
    if recipe.schedule is not None:
        name, options = recipe.schedule
        given = {"initial_learning_rate": 0.1, "decay_steps": 10}
        _make("schedule", find_schedule(name), (name, given | options))


def _make(kind: str, part: Any, asked: tuple[str, Config]) -> None:
    """Makes a part of a recipe, to see that it can be made."""
    name, options = asked
    if not inspect.isclass(part):
        raise _WrongError(f"there is no {kind} {name!r}")
    try:
        part(**options)
    except (TypeError, ValueError) as error:
        raise _WrongError(f"`{kind}` cannot be made ({error})") from error
