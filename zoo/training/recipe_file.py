"""Recipe files: a model, arguments of its builder, and its recipe, as JSON."""

import dataclasses
import os
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from zoo import tasks
from zoo.arguments import check_arguments
from zoo.bounds import read_bytes
from zoo.config import Recipe
from zoo.errors import ArgumentError, ZooError
from zoo.files import write_json
from zoo.registry import model_spec
from zoo.training.compile import check_recipe
from zoo.validation import STRICT, OneLineErrors, read_json


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SavedRecipe(metaclass=OneLineErrors):
    """Content of a recipe file.

    Args:
        name: A registered model.
        overrides: Arguments of its builder.
        recipe: How it is trained.
        origin: Provenance, for the reader.
    """

    name: str
    overrides: dict[str, Any]
    recipe: Recipe
    origin: dict[str, Any] = Field(default_factory=dict)


def write_recipe(path: Path, saved: SavedRecipe) -> None:
    """Writes a recipe file atomically."""
    write_json(path, dataclasses.asdict(saved))


def read_recipe(path: str | os.PathLike) -> SavedRecipe:
    """Reads and checks a recipe file.

    Raises:
        ArgumentError: If it is missing or damaged, or a name or value in it is wrong.
    """
    path = Path(path)
    try:
        text = read_bytes(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ArgumentError(
            f"The recipe {path} cannot be read ({error}); check the path."
        ) from error
    try:
        saved = read_json(SavedRecipe, text)
        spec = model_spec(saved.name)
        check_arguments(spec.name, spec.builder, saved.overrides)
        check_recipe(saved.recipe, tasks.get(spec.task))
    except ZooError as error:
        raise ArgumentError(f"The recipe {path} is wrong: {error}") from error
    return saved
