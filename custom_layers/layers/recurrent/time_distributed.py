"""TimeDistributed wrapper."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers.recurrent._loops import time_major
from custom_layers.layers.recurrent._steps import takes

__all__ = ["TimeDistributed"]


@keras.saving.register_keras_serializable("custom_layers")
class TimeDistributed(keras.layers.Wrapper):
    r"""Applies a layer to every time step independently.

    .. math::

        y_t = \mathrm{layer}(x_t)

    All steps are computed in one call, as samples of one batch. A layer with state,
    such as the moving averages of batch normalization in training or the seed of
    dropout, is called step by step.

    Args:
        layer: Any layer of one input and one output.

    Shapes:
        `(batch, time, ...)` to `(batch, time, ...)`.

    Example:

    >>> from custom_layers import Dense
    >>> tuple(TimeDistributed(Dense(3))(ops.zeros((2, 5, 4))).shape)
    (2, 5, 3)
    """

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any) -> None:
        if not isinstance(layer, keras.layers.Layer):
            raise ValueError(
                "`TimeDistributed` needs a `keras.layers.Layer` as `layer`. "
                f"Received: layer={layer}"
            )
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        """Builds the layer for one step."""
        super().build(_of_one_step(input_shape))

    def call(
        self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None
    ) -> Tensor:
        """Applies the layer to each step, with the mask of that step."""
        if mask is not None:
            _check_mask(tuple(mask.shape), tuple(inputs.shape))
        options = {}
        if takes(self.layer.call, "training"):
            options["training"] = training
        if mask is None or not takes(self.layer.call, "mask"):
            mask = None
        if self._keeps_something(training):
            return self._step_by_step(inputs, mask, options)
        if mask is not None:
            options["mask"] = _rows(mask)
        outputs = self.layer.call(_rows(inputs), **options)
        return ops.reshape(outputs, (*ops.shape(inputs)[:2], *ops.shape(outputs)[1:]))

    def _keeps_something(self, training: bool | None) -> bool:
        return getattr(self.layer, "stateful", False) or (
            bool(training) and bool(self.layer.non_trainable_variables)
        )

    def _step_by_step(
        self, inputs: Tensor, mask: Tensor | None, options: dict
    ) -> Tensor:
        inputs = time_major(inputs)
        mask = None if mask is None else time_major(mask)

        def step(i: Any) -> Tensor:
            masks = {} if mask is None else {"mask": mask[i]}
            return self.layer.call(inputs[i], **options, **masks)

        if inputs.shape[0] is None:
            outputs = ops.vectorized_map(step, ops.arange(ops.shape(inputs)[0]))
        else:
            outputs = ops.stack([step(i) for i in range(inputs.shape[0])])
        return time_major(outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the outputs of all steps."""
        output = self.layer.compute_output_shape(_of_one_step(input_shape))
        return (output[0], input_shape[1], *output[1:])


def _of_one_step(shape: Any) -> Shape:
    if not isinstance(shape, tuple | list) or len(shape) < 3:
        raise ValueError(
            "`TimeDistributed` needs inputs of at least 3 dimensions, (batch, time, "
            f"...). Received: input_shape={shape}"
        )
    return (shape[0], *shape[2:])


def _rows(x: Tensor) -> Tensor:
    """Merges batch and time."""
    return ops.reshape(x, (-1, *ops.shape(x)[2:]))


def _check_mask(mask: tuple, inputs: tuple) -> None:
    if len(mask) < 2:
        raise ValueError(
            "The `mask` passed to the `TimeDistributed` layer must be at least 2D, "
            f"(batch, time). Received: mask.shape={mask}"
        )
    for given, expected in zip(mask[:2], inputs[:2], strict=True):
        if None not in (given, expected) and given != expected:
            raise ValueError(
                "The `mask` passed to the `TimeDistributed` layer has a shape that is "
                "incompatible with the input: their first two sizes, batch and time, "
                f"must match. Received: mask.shape={mask}, inputs.shape={inputs}"
            )
