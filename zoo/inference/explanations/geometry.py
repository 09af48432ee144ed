r"""Where in the input the cells of a feature map look.

Layer by layer, the centre of the receptive field of the cell :math:`i` along an axis is
:math:`s + i \, t`. A kernel of :math:`k` cells with the stride :math:`\sigma`, the
dilation :math:`d` and :math:`p` cells of padding before the first one makes

.. math::

    s \leftarrow s + t \Big( \frac{d (k - 1)}{2} - p \Big), \quad t \leftarrow t \sigma

so the first cell of a valid convolution stands :math:`(k - 1) / 2` from the edge, and a
map is not as wide as the input: stretched over it, it would show each cell elsewhere
(Araujo, Norris and Sim, 2019, Computing receptive fields of convolutional neural
networks).
"""

from typing import Any

import keras

from zoo.errors import ArgumentError

Axis = tuple[float, float]  # where the first cell stands, and how far the next one is


def centres(model: keras.Model, layer: Any, entry: Any = None) -> list[Axis]:
    """Returns where the cells of a layer's output look in the input.

    Args:
        model: Functional.
        layer: Of the model, or of a model within it; its output has the shape
            `(batch, ..., channels)`.
        entry: The layer whose output counts as the input, if it is not the model's.

    Returns:
        For each axis the centre of the receptive field of the first cell, and the
        distance from one to the next.

    Example:

    >>> image = keras.Input((28, 28, 1))
    >>> x = keras.layers.Conv2D(6, 5, padding="same")(image)
    >>> x = keras.layers.MaxPooling2D(2)(x)
    >>> layer = keras.layers.Conv2D(16, 5)
    >>> centres(keras.Model(image, layer(x)), layer)
    [(4.5, 2.0), (4.5, 2.0)]
    """
    chain: list[tuple[Any, Any, Any]] = []
    tensors = outputs_in(model)
    tensor = last = tensors[layer]
    start = tensors.get(entry, model.inputs[0])
    while tensor is not start:
        operation, node, _ = tensor._keras_history
        inputs = operation._inbound_nodes[node].input_tensors
        if not inputs:
            tensor = _outside(model, tensor)
            continue
        # Branches that meet look at the same places.
        source = max(inputs, key=lambda each: len(each.shape))
        chain.append((operation, source.shape[1:], tensor.shape[1:]))
        tensor = source
    axes = [(0.0, 1.0)] * (len(last.shape) - 2)
    for operation, before, after in reversed(chain):
        axes = _through(operation, before, after, axes)
    return axes


def outputs_in(model: keras.Model) -> dict[Any, Any]:
    """Returns the output of each layer that is called once in the graph of a model.

    A layer's own `output` may be of another graph: a Sequential model makes several.
    """
    found: dict[Any, list[Any]] = {}
    waiting, seen = list(model.outputs), set()
    while waiting:
        tensor = waiting.pop()
        if id(tensor) in seen:
            continue
        seen.add(id(tensor))
        operation, node, _ = tensor._keras_history
        found.setdefault(operation, []).append(tensor)
        if isinstance(operation, keras.Model):
            waiting += operation.outputs
        waiting += operation._inbound_nodes[node].input_tensors
    return {key: tensors[0] for key, tensors in found.items() if len(tensors) == 1}


def _outside(model: keras.Model, tensor: Any) -> Any:
    """Returns what a model within the model is called with, by its own input."""
    for layer in model._flatten_layers(include_self=False):
        if isinstance(layer, keras.Model) and layer.inputs[0] is tensor:
            return layer._inbound_nodes[-1].input_tensors[0]
    raise ArgumentError(f"{model.name!r} has a graph that does not lead to its input.")


def _through(operation: Any, before: Any, after: Any, axes: list[Axis]) -> list[Axis]:
    """Moves the centres by what one layer does."""
    found = []
    for i, (start, step) in enumerate(axes):
        kernel, stride, dilation = (_of_axis(operation, names, i) for names in _NAMES)
        has_sizes = i < len(before) and before[i] is not None
        if kernel is not None and "Transpose" not in type(operation).__name__:
            reach = (dilation or 1) * (kernel - 1)
            pad = _pad(operation, before[i], reach, stride or 1)
            start, step = start + step * (reach / 2 - pad), step * (stride or 1)
        elif (pads := getattr(operation, "padding", None)) and _is_pairs(pads):
            start -= step * pads[i][0]  # ZeroPadding
        elif (crops := getattr(operation, "cropping", None)) and _is_pairs(crops):
            start += step * crops[i][0]
        elif has_sizes and len(before) == len(after) and before[i] != after[i]:
            ratio = before[i] / after[i]  # a picture of another size, edge on edge
            start, step = start + step * (ratio - 1) / 2, step * ratio
        found.append((start, step))
    return found


_NAMES = (("kernel_size", "pool_size"), ("strides",), ("dilation_rate",))


def _of_axis(operation: Any, names: tuple[str, ...], axis: int) -> int | None:
    for name in names:
        found = getattr(operation, name, None)
        if found is not None:
            return found[axis] if isinstance(found, tuple | list) else found
    return None


def _pad(operation: Any, size: int | None, reach: int, stride: int) -> int:
    """Cells of padding before the first one."""
    padding = operation.padding
    if padding == "causal":
        return reach
    if padding != "same":
        return 0
    if size is None:
        return reach // 2
    outputs = -(-size // stride)
    return max(0, (outputs - 1) * stride + reach + 1 - size) // 2


def _is_pairs(value: Any) -> bool:
    return isinstance(value, tuple | list) and all(
        isinstance(each, tuple | list) for each in value
    )
