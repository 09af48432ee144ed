"""Whether a dataset fits a model, checked before the first step."""

from typing import Any

import keras

from zoo import tasks
from zoo.datasets import Dataset
from zoo.datasets.input_column import are_numbers
from zoo.datasets.table_columns import is_plain
from zoo.errors import ArgumentError, DatasetError
from zoo.registry import ModelSpec

# Of inputs that are arrays of so many axes.
_AXES = {
    "image": ("height", "width", "channels"),
    "video": ("time", "height", "width", "channels"),
}


def arguments_for(
    name: str, spec: ModelSpec, data: Dataset, overrides: dict[str, Any]
) -> dict[str, Any]:
    """Returns the builder's arguments that make the model fit the data.

    An architecture takes its input shape, say, from the data; in a trained instance
    (`lenet5.mnist`) everything but the number of classes is fixed.

    Args:
        name: Of the model to train.
        spec: Of the model: the instance, where an architecture has one for the data.
        data: As its task prepared it.
        overrides: More arguments of the builder.

    Raises:
        DatasetError: If the data is of another kind, shape or number of classes.
        ArgumentError: If `overrides` contradicts the data.
    """
    _check_kind(spec, data)
    _check_columns(spec, data)
    _check_classes(spec, data, overrides)
    task = tasks.get(spec.task)
    needed = {
        key: value
        for key, value in task.fixed_by_data(data).items()
        if key in spec.parameters or key not in task.optional
    }
    if "." in name:
        body = {key: value for key, value in needed.items() if key != "num_classes"}
        _compare(
            spec.parameters, body, f"Model {spec.name!r} has", data, spec.architecture
        )
    given = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in overrides.items()
    }
    for key in needed.keys() & given.keys():
        if given[key] != needed[key]:
            raise ArgumentError(
                f"overrides ask for {key}={given[key]}, dataset {data.name!r} has "
                f"{needed[key]}; leave {key} out."
            )
    return needed | given


def check_match(model: keras.Model, data: Dataset) -> None:
    """Checks that a built model takes the data's samples and knows its classes.

    Raises:
        DatasetError: If it does not.
    """
    task = tasks.get(data.task)
    needed, has = task.fixed_by_data(data), task.fixed_in_model(model)
    shared = {key: value for key, value in needed.items() if key in has}
    _compare(has, shared, f"Model {model.name!r} has", data, None)


def _check_kind(spec: ModelSpec, data: Dataset) -> None:
    if (spec.input == "tokens") != (data.vocabulary is not None):
        kind = "text" if spec.input == "tokens" else "numbers"
        raise DatasetError(
            f"Model {spec.name!r} takes {kind}, which dataset {data.name!r} does not "
            f"hold; `zoo list --task {data.task}` shows models."
        )
    if "opening" in spec.parameters and data.vocabulary is not None:
        _check_brackets(spec, data, data.vocabulary.tokens)
    if (spec.input == "waveform") != (data.sampling_rate is not None):
        taken, held = "sounds", f"samples of shape {data.input_shape}"
        if spec.input != "waveform":
            taken, held = f"{spec.input}, no sounds", "sounds; speech_cnn takes them"
        raise DatasetError(
            f"Model {spec.name!r} takes {taken}; dataset {data.name!r} holds {held}."
        )
    if spec.input in _AXES and len(data.input_shape) != len(_AXES[spec.input]):
        raise DatasetError(
            f"Model {spec.name!r} takes {spec.input}s of shape "
            f"({', '.join(_AXES[spec.input])}); the samples of dataset {data.name!r} "
            f"have the shape {data.input_shape}. Choose another dataset, or a model "
            "such as mlp."
        )


def _check_brackets(spec: ModelSpec, data: Dataset, tokens: tuple[str, ...]) -> None:
    """Refuses texts without the brackets that a recursive network follows."""
    ids = spec.parameters["opening"], spec.parameters["closing"]
    if max(ids) >= len(tokens) or tuple(tokens[i] for i in ids) != ("(", ")"):
        raise DatasetError(
            f"Model {spec.name!r} takes trees in brackets, which dataset {data.name!r} "
            "does not hold: give a .ptb or .txt file of trees, or choose a model such "
            "as text_lstm."
        )


def _check_columns(spec: ModelSpec, data: Dataset) -> None:
    """Refuses what is no number where a model takes nothing else."""
    if "columns" in spec.parameters or is_plain(data):
        return
    kinds = [
        f"{c.name!r} ({c.kind if c.kind in ('category', 'date') else 'missing values'})"
        for c in data.columns
        if not are_numbers([c])
    ]
    more = f" and {len(kinds) - 4} more" if len(kinds) > 4 else ""
    named = ", ".join(kinds[:4]) or "missing values"
    raise DatasetError(
        f"Model {spec.name!r} takes numbers alone, dataset {data.name!r} also has "
        f"{named}{more}; train mlp, or leave such columns out with "
        "--ignore."
    )


def _check_classes(spec: ModelSpec, data: Dataset, overrides: dict[str, Any]) -> None:
    """Refuses data without classes where a generator is conditioned on them."""
    if (spec.parameters | overrides).get("conditional") and not data.labels:
        raise DatasetError(
            f"Model {spec.name!r} generates samples of a class, dataset {data.name!r} "
            "has no labels; put the samples of each class into a sub-folder or name "
            "them in `y`, or train a model without classes such as dcgan."
        )


def _compare(
    has: dict[str, Any],
    needed: dict[str, Any],
    subject: str,
    data: Dataset,
    architecture: str | None,
) -> None:
    different = [key for key in needed if has[key] != needed[key]]
    if not different:
        return
    model = ", ".join(f"{key} {has[key]}" for key in different)
    dataset = ", ".join(f"{key} {needed[key]}" for key in different)
    remedy = f"; train {architecture!r} instead" if architecture else ""
    raise DatasetError(
        f"{subject} {model}, dataset {data.name!r} has {dataset}{remedy}."
    )
