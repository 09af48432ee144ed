"""Model registry: specifications by name, and the decorator that registers them.

A model is a builder function. `register` gives it a name and a recipe; stacked
registrations are variants of one builder. `architecture.dataset` names the
instance of an architecture that is trained on that dataset.

An architecture serves further tasks, each with a recipe of its own: `also`. Which one
it is trained for, the data says. Such a task sets the size of the head by the builder's
`num_classes` and completes the model by its `head` (see `zoo.tasks.Task`).
"""

import dataclasses
import fnmatch
import inspect
import os
import re
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from zoo import catalogue
from zoo.arguments import build, check_arguments
from zoo.config import Recipe
from zoo.discovery import Registry
from zoo.errors import ArgumentError

if TYPE_CHECKING:
    import keras

    from zoo.weights import HasModel

Config = dict[str, Any]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
Builder = Callable[..., "keras.Model"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """Specification of a registered model.

    Args:
        name: `architecture` or `architecture.dataset`.
        family: Path of the builder's file below `zoo/models`.
        task: Name of its task in `zoo.tasks`.
        also: Recipes for the further tasks that it serves, by task.
        input: Name of the input tensor: `image`, `video`, `features`, `tokens`,
            `series` or `waveform`.
        paper: Reference for the architecture.
        reported: Results in the literature on this data, with reference.
        recipe: How it is trained.
        builder: Function that returns the `keras.Model`.
        arguments: Arguments of the builder under this name.
    """

    name: str
    family: str
    task: str
    input: str
    paper: str
    reported: str
    recipe: Recipe
    builder: Builder
    arguments: Config
    also: Mapping[str, Recipe] = dataclasses.field(default_factory=dict)

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of all tasks that it serves, its own first."""
        return self.task, *self.also

    def serving(self, task: str) -> "ModelSpec":
        """Returns the specification of the same model for another of its tasks.

        Raises:
            ArgumentError: If it does not serve that task.
        """
        if task == self.task:
            return self
        if task not in self.also:
            raise ArgumentError(
                f"Model {self.name!r} is for {' and '.join(self.tasks)}, not for "
                f"{task}; `zoo list --task {task}` shows models."
            )
        return dataclasses.replace(self, task=task, recipe=self.also[task], also={})

    @property
    def architecture(self) -> str:
        """The part of the name before the dataset."""
        return self.name.partition(".")[0]

    @property
    def summary(self) -> str:
        """First line of the builder's docstring."""
        return (inspect.getdoc(self.builder) or "").partition("\n")[0]

    @property
    def parameters(self) -> Config:
        """All arguments of the builder, with defaults filled in."""
        accepted = inspect.signature(self.builder).parameters.values()
        return {p.name: p.default for p in accepted} | self.arguments


# What each model was made by: a name, and the task that it serves.
_MADE: "weakref.WeakKeyDictionary[keras.Model, tuple[str, str]]" = (
    weakref.WeakKeyDictionary()
)
SPECS: Registry[ModelSpec] = Registry(
    "model",
    "zoo.models",
    "`zoo list` shows every model; those of a file of yours need `zoo --import FILE`.",
    known=catalogue.cards,
)


def register(
    name: str,
    *,
    recipe: Recipe,
    task: str = "classification",
    also: Mapping[str, Recipe] | None = None,
    input: str = "image",
    paper: str = "",
    reported: str = "",
    **arguments: Any,
) -> Callable[[Builder], Builder]:
    """Decorator that registers a builder function; stack it to register variants.

    Args:
        name: `architecture` or `architecture.dataset`.
        recipe: How it is trained.
        task: Name of a task, such as `classification`.
        also: Recipes for further tasks that it serves, by task, such as `regression`;
            the dataset that they name is not used.
        input: Name of the input tensor: `image`, `video`, `features`, `tokens`,
            `series` or `waveform`.
        paper: Reference for the architecture.
        reported: Results in the literature on this dataset, with reference.
        arguments: Arguments of the builder that differ from its defaults.

    Raises:
        ArgumentError: If the name is taken or cannot be one, the recipe is none, or the
            builder takes no such argument or has one without a value.
    """
    check_name(name)
    for each in (recipe, *(also or {}).values()):
        if not isinstance(each, Recipe):
            raise ArgumentError(
                f"Model {name!r} cannot be registered: `recipe` must be a zoo.Recipe. "
                f"Received: {each!r}"
            )

    def decorate(builder: Builder) -> Builder:
        family = builder.__module__.removeprefix("zoo.models.").replace(".", "/")
        spec = ModelSpec(
            name=name,
            family=family,
            task=task,
            also=dict(also or {}),
            input=input,
            paper=paper,
            reported=reported,
            recipe=recipe,
            builder=builder,
            arguments=arguments,
        )
        check_arguments(name, builder, arguments)
        _check_defaults(spec)
        SPECS.add(name, spec, builder)
        return builder

    return decorate


def check_name(name: str) -> None:
    """Checks that backends and run folders can have the name of a model.

    Raises:
        ArgumentError: If they cannot.
    """
    if not _NAME.fullmatch(str(name)):
        raise ArgumentError(
            f"{name!r} cannot be the name of a model; it must be of letters (a to z), "
            "digits, and _ . - behind the first."
        )


def _check_defaults(spec: ModelSpec) -> None:
    """Checks that the model can be built, and so be listed, by its name alone."""
    empty = inspect.Parameter.empty
    missing = [key for key, value in spec.parameters.items() if value is empty]
    if missing:
        raise ArgumentError(
            f"Model {spec.name!r} cannot be registered: argument {missing[0]!r} of its "
            "function has no default; give it one."
        )


def list_models(
    filter: str = "",
    *,
    family: str | None = None,
    task: str | None = None,
    pretrained: bool = False,
    exclude: str | Sequence[str] = (),
) -> list[str]:
    """Lists the registered names in natural order (`resnet8` before `resnet20`).

    Args:
        filter: `fnmatch` pattern for the name, as in `"lenet*"`; default: all names.
        family: Only this family: its path or a part of it (`"cnn"`, `"lenet"`).
        task: Only models of this task.
        pretrained: Only models with shipped weights.
        exclude: `fnmatch` pattern, or several, for names to leave out.

    Example:

    >>> list_models("lenet5*", exclude="*_augmented*")
    ['lenet5', 'lenet5.digits', 'lenet5.mnist']
    """
    excluded = [exclude] if isinstance(exclude, str) else exclude
    found = []
    for name in SPECS.names(filter):
        card = _card(name)
        if (
            (family is None or family in (card["family"], *card["family"].split("/")))
            and (task is None or task in card["tasks"])
            and (not pretrained or card["weights"])
            and not any(fnmatch.fnmatchcase(name, pattern) for pattern in excluded)
        ):
            found.append(name)
    return found


def registered_name(model: "keras.Model") -> tuple[str, str] | None:
    """Returns the name and the task that a model was made by with `create_model`.

    A name alone says nothing. A model that was saved and loaded has to have the layers
    of its registered name.

    Returns:
        None for a model of another maker.
    """
    if model in _MADE:
        return _MADE[model]
    if model.name not in list_models():
        return None
    spec = model_spec(model.name)
    for task in spec.tasks:
        if _layers(model) == _layers(_build(spec.serving(task), {})):
            return spec.name, task
    return None


def _build(spec: ModelSpec, overrides: Mapping[str, Any]) -> "keras.Model":
    """Builds a model, and completes it as its task asks."""
    from zoo import tasks

    model = build(spec.name, spec.builder, spec.arguments, overrides)
    return tasks.get(spec.task).head(model)


def _layers(model: "keras.Model") -> list[tuple[type, str]]:
    """Class and name of each layer, but for inputs and Keras' counters of names."""
    return [
        (type(layer), re.sub(r"_\d+$", "", layer.name))
        for layer in model.layers
        if "Input" not in type(layer).__name__
    ]


def _card(name: str) -> Mapping[str, Any]:
    """The card in the catalogue, or for other models the keys that are filtered by."""
    if name in catalogue.cards():
        return catalogue.cards()[name]
    from zoo import weights

    spec, shipped = SPECS.get(name), weights.index().get(name, {})
    return {
        "family": spec.family,
        "tasks": spec.tasks,
        "weights": shipped.get("file"),
    }


def model_spec(name: str) -> ModelSpec:
    """Returns the specification of a model.

    Raises:
        UnknownNameError: If there is none; the message suggests similar names.
    """
    return SPECS.get(name)


def create_model(
    name: str,
    *,
    task: str | None = None,
    pretrained: bool = False,
    weights: "HasModel | str | os.PathLike | None" = None,
    freeze: str | Sequence[str] = (),
    headless: bool = False,
    **overrides: Any,
) -> "keras.Model":
    """Builds a model that maps raw pixels, measurements or token ids to logits.

    A model for regression maps them to quantities in their own units.

    Args:
        name: A registered name.
        task: Which of its tasks it is for; the first, which most models have alone, if
            None. The size of the head is `num_classes`, whatever the task.
        pretrained: Loads the weights that ship with the package; works offline.
        weights: A `Run`, a run folder, a `.keras` or a `.weights.h5` file to load
            instead. With another `num_classes` than theirs the head is initialized
            anew (not from a `.weights.h5` file, which has to fit).
        freeze: Layers to freeze, as `fnmatch` patterns: with `"*"` only the head is
            trained.
        headless: Whether to leave out the head: the model returns its input features.
        overrides: Arguments of the builder that replace the registered ones, such as
            `num_classes` and `input_shape`; `zoo.model_spec(name).parameters` lists
            them, `zoo info` explains them.

    Raises:
        UnknownNameError: If there is no such model.
        ArgumentError: If it does not serve the task, the builder has no such argument,
            a value is wrong, or no layer matches `freeze`.
        WeightsError: If the weights are missing, corrupted, or do not fit.

    Example:

    >>> create_model("lenet5", input_shape=(28, 28, 1)).output_shape
    (None, 10)
    >>> create_model("lenet5.digits", pretrained=True, num_classes=3).output_shape
    (None, 3)
    >>> create_model("lenet5.digits", pretrained=True, headless=True).output_shape
    (None, 84)
    """
    from zoo import weights as store
    from zoo.weights import transfer

    whole = model_spec(name)
    spec = whole.serving(task or whole.task)
    check_arguments(name, spec.builder, overrides)
    if pretrained and weights is not None:
        raise ArgumentError("Give either pretrained=True or weights=..., not both.")
    model = _build(spec, overrides)
    model.name = name
    _MADE[model] = name, spec.task
    has_new_head = "num_classes" in overrides or spec.task != whole.task
    if pretrained and has_new_head:
        body = {key: value for key, value in overrides.items() if key != "num_classes"}
        shipped = _build(whole, body)
        store.load(shipped, store.shipped(name))
        transfer.copy_weights(shipped, model)
    elif pretrained:
        store.load(model, store.shipped(name))
    elif weights is not None:
        store.load(model, weights, new_head=has_new_head)
    transfer.freeze(model, freeze)
    return transfer.headless(model) if headless else model
