"""The same model with other classes: ours in the place of Keras', and back."""

import functools
from operator import attrgetter
from typing import Any

import keras
from keras.src.models.functional import Functional  # has no public name

from custom_layers import initializers, layers, losses, optimizers, regularizers

__all__ = ["convert"]

_NAMESPACES = {
    "initializers": initializers,
    "layers": layers,
    "losses": losses,
    "optimizers": optimizers,
    "regularizers": regularizers,
}


def convert(model: keras.Model, to: str = "custom_layers") -> keras.Model:
    r"""Returns a model with our classes in the place of their namesakes, or back.

    .. math::

        f_\theta \mapsto g_\theta, \qquad g_\theta(x) = f_\theta(x)

    Layers, with what they hold (cells, wrapped layers, nested models, initializers,
    regularizers), are replaced where the other side has the same name; the graph, the
    names, the weights and the states of random generators stay. So does the
    compilation: optimizer (with its slots), loss and metrics, those with a namesake
    replaced; names such as `"mse"` and functions are handed over as they are.

    A layer without a namesake, a subclass of a Keras layer and a user's own layer keep
    their class, with a copy of their weights. A class that is not registered for saving
    must be importable.

    Args:
        model: Functional or sequential model, which stays as it is.
        to: `"custom_layers"`, or `"keras"` for the way back.

    Shapes:
        Those of the model.

    Returns:
        The new model.

    Raises:
        ValueError: If `to` is neither, if the model is subclassed, so that its layers
            cannot be listed, or if a layer is quantized or has LoRA.

    Example:

    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    >>> ours = convert(model)
    >>> ours.layers[0].__class__.__module__
    'custom_layers.layers.dense'
    >>> x = keras.ops.ones((1, 3))
    >>> bool(keras.ops.all(ours(x) == model(x)))
    True
    >>> type(convert(ours, to="keras").layers[0]) is keras.layers.Dense
    True
    """
    if to not in ("custom_layers", "keras"):
        raise ValueError(f"`to` must be 'custom_layers' or 'keras'. Received: to={to}")
    _check_listed(model)
    config = keras.saving.serialize_keras_object(model)
    config.pop("compile_config", None)
    copy = _created(_renamed(config, to), _strangers(model))
    _copy_variables(copy.variables, model.variables)
    for layer in copy._flatten_layers():
        if hasattr(layer, "finalize_state"):  # what Keras derives from weights
            layer.finalize_state()
    if model.compiled:
        copy.compile(**_compilation(model, to))
        copy.optimizer.build(copy.trainable_variables)
        _copy_variables(copy.optimizer.variables, model.optimizer.variables)
    return copy


def _check_listed(model: Any) -> None:
    """Refuses subclassed models, alone and within others."""
    if not isinstance(model, keras.Sequential) and not isinstance(model, Functional):
        raise ValueError(
            "The layers of a subclassed model cannot be listed: convert the functional "
            "and sequential models that it consists of. "
            f"Received: model={model.name} of type {type(model).__name__}"
        )
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            _check_listed(layer)


def _renamed(config: Any, to: str) -> Any:
    """The configuration with the names of the classes of the other side."""
    if isinstance(config, list | tuple):
        return type(config)(_renamed(part, to) for part in config)
    if not isinstance(config, dict):
        return config
    config = {name: _renamed(value, to) for name, value in config.items()}
    namesake = _namesakes(to).get(_class_of(config))
    return config if namesake is None else config | _names(namesake, to)


def _class_of(config: dict) -> Any:
    """The class that a configuration is of, if it is one of Keras' or ours."""
    name = config.get("registered_name") or ""
    if name.startswith("custom_layers>"):
        return keras.saving.get_registered_object(name)
    module = str(config.get("module")).removeprefix("keras.")
    if module in _NAMESPACES:
        return getattr(attrgetter(module)(keras), config["class_name"], None)
    return None


def _names(cls: type, to: str) -> dict:
    if to == "keras":
        module = f"keras.{_namesakes('custom_layers')[cls].__module__.split('.')[1]}"
        return {"module": module, "class_name": cls.__name__, "registered_name": None}
    return {
        "module": cls.__module__,
        "class_name": cls.__name__,
        "registered_name": keras.saving.get_registered_name(cls),
    }


@functools.cache
def _namesakes(to: str) -> dict[type, type]:
    """From each class to its namesake on the side `to`."""
    pairs = {}
    for kind, ours in _NAMESPACES.items():
        for name in ours.__all__:
            cls = getattr(ours, name)
            theirs = getattr(getattr(keras, kind), name, None)
            if isinstance(cls, type) and isinstance(theirs, type):
                pairs |= {theirs: cls} if to == "custom_layers" else {cls: theirs}
    return pairs


def _strangers(model: Any) -> dict[str, type]:
    """The classes of layers that are neither Keras' nor ours, by their names."""
    return {
        keras.saving.get_registered_name(type(layer)): type(layer)
        for layer in model._flatten_layers()
        if not type(layer).__module__.startswith(("keras.", "custom_layers."))
    }


def _serialized(part: Any) -> dict:
    """The configuration; Torch's form of an optimizer is named as the public class."""
    config = keras.saving.serialize_keras_object(part)
    theirs = _namesakes("custom_layers")
    public = next((cls for cls in type(part).__mro__ if cls in theirs), type(part))
    return config if public is type(part) else config | _names(public, "keras")


def _created(config: dict, custom_objects: dict) -> Any:
    # The model is the user's own, and so are the functions of its `Lambda` layers.
    return keras.saving.deserialize_keras_object(
        config, custom_objects=custom_objects, safe_mode=False
    )


def _copy_variables(new: list, old: list) -> None:
    shapes, expected = ([tuple(v.shape) for v in each] for each in (new, old))
    if shapes != expected:
        raise ValueError(
            "The copy has other variables than the model: a layer of it does not "
            "return all its arguments from `get_config`, or is shared between a "
            f"wrapper and the model. Received: shapes {shapes}, expected {expected}"
        )
    for variable, value in zip(new, old, strict=True):
        variable.assign(value)


def _compilation(model: Any, to: str) -> dict:
    """The arguments of `compile`; objects are new ones."""

    def converted(part: Any) -> Any:
        if isinstance(part, str | type | None) or not hasattr(part, "get_config"):
            return part
        config = _serialized(part)
        strangers = {keras.saving.get_registered_name(type(part)): type(part)}
        return _created(_renamed(config, to), strangers)

    return keras.tree.map_structure(converted, dict(model._compile_config.config))
