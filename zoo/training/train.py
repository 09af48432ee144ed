"""Trains a registered model by its recipe, into a run folder."""

import contextlib
import dataclasses
from pathlib import Path
from typing import Any

import keras

from zoo import tasks
from zoo.datasets import Dataset, load_dataset
from zoo.devices import accelerators
from zoo.errors import ArgumentError
from zoo.files import replacing, write_json
from zoo.registry import ModelSpec, Recipe, create_model, list_models, model_spec
from zoo.training.evaluate import scores
from zoo.training.fit import fit
from zoo.training.history import columns
from zoo.training.match import arguments_for
from zoo.training.run import Run, choose_folder, open_folder

STRATEGIES = ("auto", "cpu", "gpu")


def train(
    name: str,
    *,
    dataset: str | Path | Dataset | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    strategy: str = "auto",
    seed: int | None = None,
    output: str | Path | None = None,
    resume: bool = False,
    overrides: dict[str, Any] | None = None,
) -> Run:
    """Trains a model, keeps its best weights, and scores them on the test split.

    The weights are chosen on the validation split; the test split is read once,
    at the end. The run folder holds `config.json`, `history.csv`,
    `metrics.json`, `model.keras`, `checkpoints/` and `logs/` (TensorBoard).

    Args:
        name: A registered model.
        dataset: What `zoo.load_dataset` takes, or a `Dataset`; the recipe's
            without it. The recipe of `name.dataset` is used where there is one.
        epochs: In place of the recipe's.
        batch_size: In place of the recipe's.
        strategy: `"auto"` takes the device that Keras finds; `"cpu"` and `"gpu"`
            insist on one.
        seed: Of the weights, the order of the data and dropout, in place of the
            recipe's 0.
        output: The run folder; `runs/<architecture>.<dataset>/<n>` without it.
        resume: Goes on after the last checkpoint in `output`, or else in the
            newest run folder of this model; starts anew where there is none.
        overrides: Arguments of the builder, such as `{"hidden_units": (64,)}`.

    Raises:
        UnknownNameError: If there is no such model.
        DatasetError: If the data is missing or does not fit the model.
        ArgumentError: If an argument does not fit.
        RunError: If `output` holds another run, or the loss is not finite.
    """
    device = _device(strategy)
    spec, recipe = _resolve(name, dataset, epochs, batch_size, seed)
    data = dataset if isinstance(dataset, Dataset) else load_dataset(recipe.dataset)
    arguments = arguments_for(spec, data, overrides or {})
    keras.utils.set_random_seed(recipe.seed)
    with device:
        model = create_model(spec.name, **arguments)
    model.name = name
    config = {
        "name": name,
        "dataset": data.name,
        "arguments": spec.arguments | arguments,
        "recipe": dataclasses.asdict(recipe),
        "task": spec.task,
        "labels": list(data.labels),
        "strategy": strategy,
    }
    directory = (
        Path(output) if output else choose_folder(name, data.name, resume=resume)
    )
    open_folder(directory, config, resume=resume)
    with device:
        progress = fit(model, data, recipe, directory)
        metrics = scores(model, data.test, tasks.get(spec.task))
    with replacing(directory / "model.keras") as part:
        model.save(part)
    write_json(directory / "metrics.json", metrics)
    return Run(model, columns(progress.history), metrics, directory, config)


def _device(strategy: str) -> Any:
    if strategy not in STRATEGIES:
        raise ArgumentError(
            f"Unknown strategy {strategy!r}; choose one of {', '.join(STRATEGIES)}."
        )
    if strategy == "auto":
        return contextlib.nullcontext()
    if strategy == "gpu" and not any(
        "gpu" in device.lower() for device in accelerators()
    ):
        raise ArgumentError("No GPU was found; use strategy 'auto' or 'cpu'.")
    return keras.device(f"{strategy}:0")


def _resolve(
    name: str,
    dataset: str | Path | Dataset | None,
    epochs: int | None,
    batch_size: int | None,
    seed: int | None,
) -> tuple[ModelSpec, Recipe]:
    spec = model_spec(name)
    if isinstance(dataset, Dataset):
        wanted = dataset.name
    else:
        wanted = str(dataset) if dataset else spec.recipe.dataset
    instance = f"{name}.{wanted}"
    if instance in list_models():
        spec = model_spec(instance)
    asked = {"epochs": epochs, "batch_size": batch_size, "seed": seed}
    changes = {key: value for key, value in asked.items() if value is not None}
    for key, value in changes.items():
        least = 0 if key == "seed" else 1
        if value < least:
            raise ArgumentError(f"`{key}` must be {least} or more. Received: {value}")
    return spec, dataclasses.replace(spec.recipe, dataset=wanted, **changes)
