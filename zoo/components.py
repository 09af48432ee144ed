"""Components by name: optimizers, losses, metrics, schedules, callbacks, layers.

A configuration stores a component as its name and its arguments. The name is that of a
class of `custom_layers` or of Keras (`Adam`), a full path (`keras.optimizers.Adam`,
`my_module.MyLoss`), or its registered name (`my_package>MyLoss`).
"""

import functools
import importlib
import inspect
import json
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from zoo.config import NOT_SERIALIZED
from zoo.errors import ArgumentError, PluginError, UnknownNameError, ZooError

Component = tuple[str, dict[str, Any]]

# Modules that are searched for the classes of a kind, ours first.
MODULES = {
    "optimizer": ("custom_layers.optimizers", "keras.optimizers"),
    "loss": ("custom_layers.losses", "keras.losses"),
    "metric": ("custom_layers.metrics", "keras.metrics"),
    "schedule": (
        "custom_layers.optimizers.schedules",
        "keras.optimizers.schedules",
    ),
    "callback": ("custom_layers.callbacks", "keras.callbacks"),
    "augmentation": ("custom_layers", "keras.layers"),
}
_BASES = {
    "optimizer": keras.optimizers.Optimizer,
    "loss": keras.losses.Loss,
    "metric": keras.metrics.Metric,
    "schedule": keras.optimizers.schedules.LearningRateSchedule,
    "callback": keras.callbacks.Callback,
    "augmentation": keras.layers.Layer,
}


@keras.saving.register_keras_serializable("zoo")
class FunctionLoss(keras.losses.Loss):
    """Wraps a loss function, as `keras.Model.compile` does.

    Args:
        function: Maps targets and predictions to the loss of each sample.
        name: Name of the loss.
    """

    def __init__(self, function: Callable, name: str | None = None) -> None:
        super().__init__(name or function.__name__)
        self.function = function

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Computes the loss of each sample."""
        return self.function(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments."""
        function = keras.saving.serialize_keras_object(self.function)
        return {"function": function, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "FunctionLoss":
        """Makes the loss from its constructor's arguments."""
        function = keras.saving.deserialize_keras_object(config["function"])
        return cls(function, config["name"])


def find(kind: str, name: str) -> Callable[..., Any]:
    """Returns the class of a component, or for a loss function its constructor.

    Raises:
        UnknownNameError: If there is no such class; it suggests similar names.
        PluginError: If its module raises when it is imported.

    Example:

    >>> find("optimizer", "Adam").__module__
    'custom_layers.optimizers.adam'
    >>> find("optimizer", "Adm")
    Traceback (most recent call last):
    ...
    zoo.errors.UnknownNameError: Unknown optimizer 'Adm'. Did you mean Adam, AdamW, \
Adamax? Known by name are the classes of custom_layers.optimizers and keras.optimizers.
    """
    found = keras.saving.get_registered_object(name) if ">" in name else None
    module, _, attribute = name.rpartition(".")
    for place in (module,) if module else MODULES[kind]:
        found = found or _attribute(place, attribute)
    if kind == "loss" and inspect.isfunction(found) and _takes_two(found):
        return functools.partial(FunctionLoss, found)
    base = _BASES[kind]
    if not (inspect.isclass(found) and issubclass(found, base)) or found is base:
        if name.startswith(("[", "{")):
            raise ArgumentError(
                f"`{_option(kind)}`: {name!r} is not JSON; a name and its arguments "
                'are written as \'["NAME", {"argument": VALUE}]\'.'
            )
        places = " and ".join(MODULES[kind])
        raise UnknownNameError.of(
            kind, name, _known(kind), f"Known by name are the classes of {places}."
        )
    return found


def make(kind: str, component: Component, **defaults: Any) -> Any:
    """Makes a component.

    Args:
        kind: `optimizer`, `loss`, `metric`, `schedule`, `callback` or `augmentation`.
        component: Its name and its arguments.
        defaults: Default arguments; those that the class does not take are left out.

    Raises:
        UnknownNameError: If there is no such class.
        ArgumentError: If it takes no such arguments.

    Example:

    >>> make("loss", ("Hinge", {})).name
    'hinge'
    """
    name, arguments = component
    cls = find(kind, name)
    if arguments == NOT_SERIALIZED:
        raise ArgumentError(
            f"`{_option(kind)}`: {name} is not stored in the configuration (Keras "
            "cannot serialize it); give it again."
        )
    accepted = inspect.signature(cls).parameters
    given = {key: value for key, value in defaults.items() if key in accepted}
    try:
        # Keras' own callbacks have no `from_config`.
        restore = getattr(cls, "from_config", lambda config: cls(**config))
        return restore(given | arguments)
    except ZooError:
        raise
    except Exception as error:  # whatever Keras raises on arguments of other types
        reason = str(error).split("\n", 1)[0]
        raise ArgumentError(
            f"`{_option(kind)}`: {name} cannot be made: {reason}"
        ) from error


def describe(kind: str, value: Any) -> Component:
    """Returns the name and the arguments of a component given as an object.

    The arguments are `NOT_SERIALIZED` if Keras cannot serialize the object, or another
    process could not import its class.

    Raises:
        ArgumentError: If the object is of another kind.

    Example:

    >>> describe("loss", keras.losses.Hinge())[0]
    'keras.losses.Hinge'
    """
    is_function = kind == "loss" and inspect.isfunction(value)
    if not (is_function or isinstance(value, _BASES[kind])):
        raise ArgumentError(
            f"`{_option(kind)}` must be a name, a name and its arguments, or an object "
            f"of keras' class {_BASES[kind].__name__}. Received: {value!r}"
        )
    if is_function:
        name = f"{value.__module__}.{value.__qualname__}"
        is_found = _attribute(value.__module__, value.__qualname__) is value
        return name, {} if is_found else NOT_SERIALIZED
    name = name_of(kind, type(value))
    if not hasattr(value, "get_config"):
        return name, NOT_SERIALIZED
    try:
        arguments = keras.saving.serialize_keras_object(value)["config"]
        restored = make(kind, (name, json.loads(json.dumps(arguments))))
    except (ZooError, TypeError, ValueError, NotImplementedError):
        return name, NOT_SERIALIZED
    # They may differ: the config of Huber lacks its delta.
    if _arguments(kind, restored) != _arguments(kind, value):
        return name, NOT_SERIALIZED
    if kind == "optimizer":
        del arguments["name"]  # it numbers the optimizers of the process
        if "learning_rate" in arguments:
            arguments["learning_rate"] = _shortest(arguments["learning_rate"])
    return name, arguments


def _option(kind: str) -> str:
    """Name of the option that takes components of a kind."""
    return f"{kind}s" if kind in ("metric", "callback") else kind


def _arguments(kind: str, value: Any) -> dict[str, Any]:
    """The comparable attributes of an object, without its variables."""
    plain = bool, int, float, str
    if kind != "optimizer":  # its containers hold variables
        plain += tuple, list, dict
    held = {key: held for key, held in vars(value).items() if isinstance(held, plain)}
    held.pop("built", None)
    return held


def _shortest(rate: Any) -> Any:
    """The shortest decimal number that is equal in float32."""
    return float(str(np.float32(rate))) if isinstance(rate, float) else rate


def _takes_two(function: Callable) -> bool:
    """Whether it takes targets and predictions; `keras.losses.get` does not."""
    parameters = inspect.signature(function).parameters.values()
    return sum(p.default is p.empty for p in parameters) >= 2


def _attribute(module: str, name: str) -> Any:
    if name.startswith("_"):
        return None
    try:
        return getattr(importlib.import_module(module), name, None)
    except Exception as error:  # whatever the code of a user raises
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing and f"{module}.".startswith(f"{missing}."):
            return None
        raise PluginError(
            f"Cannot import {module}: {type(error).__name__}: {error}"
        ) from error


def _known(kind: str) -> set[str]:
    modules = map(importlib.import_module, MODULES[kind])
    base = _BASES[kind]
    return {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and issubclass(value, base) and value is not base
    }


def name_of(kind: str, cls: type) -> str:
    """Returns the name by which `find` finds a class.

    >>> name_of("callback", keras.callbacks.EarlyStopping)
    'keras.callbacks.EarlyStopping'
    """
    if _attribute(MODULES[kind][0], cls.__name__) is cls:
        return cls.__name__
    registered = keras.saving.get_registered_name(cls)
    if ">" in registered:
        return registered
    path = f"{cls.__module__}.{cls.__qualname__}"
    if path.startswith("keras.src."):
        return f"{MODULES[kind][-1]}.{cls.__name__}"
    return path
