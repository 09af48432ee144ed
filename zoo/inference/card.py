"""The card of a model: what it is, what it takes, what it reached."""

import dataclasses
import inspect
from typing import Any

import keras

from custom_layers.layers import augmentation, preprocessing
from zoo import weights
from zoo.datasets.licences import licence
from zoo.inference.flops import flops
from zoo.reading import Reading
from zoo.registry import ModelSpec, create_model, model_spec
from zoo.results import records
from zoo.weights.transfer import is_target_scale

_PREPARING = {*preprocessing.__all__, *augmentation.__all__}


def model_card(name: str) -> dict[str, Any]:
    """Collects what is known of a registered model.

    Returns:
        `name`, `family`, `task`, `tasks` (all that it serves), `about` (docstring of
        the builder: formula and arguments), `paper`, `reported` (what the literature
        reports), `input`, `preprocessing` (done in the model), `labels`, `parameters`,
        `published_parameters` (of the model whose results are published, whose data may
        ask for another vocabulary; `None` without results), `flops` (for one sample),
        `layers` (name, class, shape of the output, parameters of each), `arguments`,
        `recipe`, `results` (test metrics, of the weights that ship or else the median
        of the seeds; empty where nothing was measured), `headline` (the metric that the
        task is known by, the median of the seeds), `seeds` (the metrics of each),
        `weights` (the file), `licence` (of the data) and `train` (the command).

    Raises:
        UnknownNameError: If there is no such model.

    Example:

    >>> card = model_card("mlp.iris")
    >>> card["labels"]
    ['setosa', 'versicolor', 'virginica']
    >>> card["preprocessing"]
    ['Normalization: mean and variance learned']
    """
    spec, model = model_spec(name), create_model(name)
    record, shipped = records().get(name), weights.index().get(name, {})
    return {
        "name": name,
        "family": spec.family,
        "task": spec.task,
        "tasks": list(spec.tasks),
        "about": inspect.getdoc(spec.builder),
        "paper": spec.paper,
        "reported": spec.reported,
        "input": {spec.input: list(model.input_shape)},
        "preprocessing": _preprocessing(model),
        "labels": shipped.get("labels", []),
        "parameters": model.count_params(),
        "published_parameters": record.parameters if record else None,
        "flops": flops(model),
        "layers": [_layer(layer) for layer in model.layers],
        "arguments": spec.parameters,
        "recipe": _recipe(spec),
        "results": shipped.get("metrics") or (record.median if record else {}),
        "headline": record.headline if record else "",
        "seeds": record.metrics if record else {},
        "weights": shipped.get("file"),
        "licence": licence(spec.recipe.dataset) or "that of your data",
        "train": f"zoo train {spec.architecture} --dataset {spec.recipe.dataset}",
    }


def _recipe(spec: ModelSpec) -> dict[str, Any]:
    """The recipe without the options of reading that it leaves to the file."""
    unset = dataclasses.asdict(Reading())
    held = dataclasses.asdict(spec.recipe)
    return {k: v for k, v in held.items() if k not in unset or v != unset[k]}


def _preprocessing(model: keras.Model) -> list[str]:
    found = []
    for layer in model.layers:
        if type(layer).__name__ in _PREPARING and not is_target_scale(layer):
            own = layer.get_config()
            details = [f"{k} {own[k]}" for k in ("scale", "offset") if k in own]
            if hasattr(layer, "adapt"):
                details = [f"{' and '.join(w.name for w in layer.weights[:2])} learned"]
            found.append(
                f"{type(layer).__name__}: {', '.join(details) or 'in training'}"
            )
    return found


def _layer(layer: keras.layers.Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "class": type(layer).__name__,
        "output_shape": [list(each.shape) for each in keras.tree.flatten(layer.output)],
        "parameters": layer.count_params(),
    }
