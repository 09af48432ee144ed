"""Names of tensors: those that the user gave, made fit for a signature."""

import contextlib
import keyword
import re
from collections.abc import Iterable, Iterator, Sequence

import keras

# Keras counts them up in a process, so they differ from one export to the next.
_AUTOMATIC = re.compile(r"(keras_tensor|input_layer|input)(_\d+)?")
_UNFIT = re.compile(r"[^A-Za-z0-9_.-]+")


def fit(name: str) -> str:
    """Returns a name that every format and protocol takes.

    >>> fit("my input"), fit("_x"), fit("größe")
    ('my_input', 'x', 'gr_e')
    >>> fit("class"), fit("-dense"), fit("день")
    ('class_', 'dense', 'tensor')
    """
    found = _UNFIT.sub("_", name).strip("_-") or "tensor"
    is_pythons = keyword.iskeyword(found) or found == "self"
    return f"{found}_" if is_pythons else found


def is_automatic(name: str) -> bool:
    """Whether Keras made up the name of an input, since the user gave none.

    >>> is_automatic("keras_tensor_15"), is_automatic("input_layer"), is_automatic("x")
    (True, True, False)
    """
    return _AUTOMATIC.fullmatch(name) is not None


def without_count(layer: keras.Layer) -> str:
    """Returns a layer's name; one that Keras made up without its number.

    Keras counts them up in a process, so they differ from one export to the next.

    >>> without_count(keras.layers.Dense(1, name="dense_7"))
    'dense'
    >>> without_count(keras.layers.Dense(1, name="head_7"))
    'head_7'
    """
    automatic = keras.src.utils.naming.to_snake_case(type(layer).__name__)
    return re.sub(rf"^{automatic}_\d+$", automatic, layer.name)


def of_path(path: Iterable[object]) -> str:
    """Returns the name of a tensor in nested dictionaries and lists.

    >>> of_path(("boxes", 0))
    'boxes_0'
    """
    return "_".join(map(str, path))


def distinct(names: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """Numbers names that occur more than once.

    >>> distinct(["lstm", "lstm", "lstm"])
    ['lstm', 'lstm_1', 'lstm_2']
    >>> distinct(["x"], taken=["x"])
    ['x_1']
    """
    seen, found = set(taken), []
    for name in names:
        number, candidate = 0, name
        while candidate in seen or (number and candidate in names):
            number += 1
            candidate = f"{name}_{number}"
        seen.add(candidate)
        found.append(candidate)
    return found


@contextlib.contextmanager
def fit_layers(model: keras.Model) -> Iterator[None]:
    """Gives layers names that a graph takes while it is traced, where theirs are unfit.

    TensorFlow knows no scopes with a space in their name, for example.
    """
    layers = {id(each): each for each in _operations(model)}.values()
    unfit = [(each, each.name) for each in layers if fit(each.name) != each.name]
    for layer, name in unfit:
        layer.name = fit(name)
    try:
        yield
    finally:
        for layer, name in unfit:
            layer.name = name


def _operations(model: keras.Model) -> Iterator[keras.Operation]:
    for layer in model._flatten_layers():
        yield layer
        yield from getattr(layer, "operations", ())
