"""The command that repeats a training."""

import dataclasses
import json
import shlex
from pathlib import PurePath
from typing import Any

from zoo.options import OPTIONS
from zoo.registry import list_models, model_spec

# What follows from the others, or has no part in what is trained.
_LEFT_OUT = {"task", "data_dir", "output", "resume", "log_every"}


def command(config: dict[str, Any]) -> str:
    """Returns what a reader types to train a model as a run did.

    Args:
        config: Of the run.

    Returns:
        The command of the run without the paths of an interpreter; where the run was
        started from Python, the command that does the same.

    Example:

    >>> command({"command": "/opt/bin/python -m zoo train mlp --dataset 'my data.csv'"})
    "zoo train mlp --dataset 'my data.csv'"
    """
    words = shlex.split(config["command"])
    for i, word in enumerate(words[:3]):
        is_module = words[i - 1 : i + 1] == ["-m", "zoo"]
        if is_module or (i < 2 and PurePath(word).name == "zoo"):
            return shlex.join(["zoo", *words[i + 1 :]])
    if config["name"] in list_models():
        return shlex.join([*_imports(config), *_options(config)])
    return shlex.join([PurePath(words[0]).name, *words[1:]])


def _imports(config: dict[str, Any]) -> list[str]:
    flags = [word for name in config.get("imports", ()) for word in ("--import", name)]
    return ["zoo", *flags, "train", config["name"]]


def _options(config: dict[str, Any]) -> list[str]:
    """Each option that is not as in the recipe of the model."""
    name = config["name"]
    instance = f"{name}.{config['dataset']}"  # whose recipe training takes, if any
    found = model_spec(instance if instance in list_models() else name).recipe
    recipe = dataclasses.asdict(found)
    recipe["dataset"] = model_spec(name).recipe.dataset
    words = []
    for key, field in OPTIONS.items():
        value = config["recipe"].get(key, config.get(key))
        usual = recipe.get(key, field.get_default(call_default_factory=True))
        # As JSON, in which a tuple is a list.
        if key in _LEFT_OUT or value in (None, json.loads(json.dumps(usual))):
            continue
        is_component = isinstance(value, list) and isinstance(value[-1], dict)
        several = value if isinstance(value, list) and not is_component else [value]
        for each in several:
            words.append(f"--{key.replace('_', '-')}")
            if each is not True:
                words.append(each if isinstance(each, str) else json.dumps(each))
    return words
