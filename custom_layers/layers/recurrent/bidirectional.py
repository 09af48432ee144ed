"""Bidirectional wrapper."""

from typing import Any

import keras
from keras import ops

from custom_layers._types import Shape, Tensor
from custom_layers.layers.recurrent._steps import takes

__all__ = ["Bidirectional"]

_MERGE_MODES = ("sum", "mul", "ave", "concat", None)


@keras.saving.register_keras_serializable("custom_layers")
class Bidirectional(keras.layers.Layer):
    r"""Runs a recurrent layer forward and another one backward over a sequence.

    .. math::

        y = \mathrm{merge}\left(\overrightarrow{\mathrm{RNN}}(x),
            \overleftarrow{\mathrm{RNN}}(x)\right)

    where `merge` concatenates, adds, averages or multiplies. The outputs of all
    steps of the backward layer are reversed first, into the order of time. Outputs
    are zero where a mask is false.

    Args:
        layer: A recurrent layer; forward and backward layer are copies of it with
            separate weights.
        merge_mode: `"concat"`, `"sum"`, `"ave"` or `"mul"`; `None` returns both
            outputs.
        weights: Initial weights, those of the forward layer first.
        backward_layer: Backward layer instead of the copy of `layer`, with the
            opposite `go_backwards` and else the same options.

    Shapes:
        Those of `layer`, with twice the units for `"concat"`; with `return_state`,
        the states of the forward and then of the backward layer follow.

    Example:

    >>> from custom_layers import LSTM
    >>> layer = Bidirectional(LSTM(3, return_sequences=True))
    >>> tuple(layer(ops.zeros((2, 5, 4))).shape)
    (2, 5, 6)

    Reference:
        Schuster and Paliwal, 1997, Bidirectional recurrent neural networks.
    """

    def __init__(
        self,
        layer: keras.layers.Layer,
        merge_mode: str | None = "concat",
        weights: list | None = None,
        backward_layer: keras.layers.Layer | None = None,
        **kwargs: Any,
    ) -> None:
        _check_layer("layer", layer)
        if backward_layer is not None:
            _check_layer("backward_layer", backward_layer)
        if merge_mode not in _MERGE_MODES:
            raise ValueError(
                f"`merge_mode` must be one of {_MERGE_MODES}. "
                f"Received: merge_mode={merge_mode}"
            )
        super().__init__(**kwargs)
        self.forward_layer = _copy(layer, "forward_")
        self.backward_layer = (
            _copy(layer, "backward_", go_backwards=True)
            if backward_layer is None
            else backward_layer
        )
        _check_pair(self.forward_layer, self.backward_layer)
        for one in (self.forward_layer, self.backward_layer):
            if hasattr(layer, "use_cudnn"):
                one.use_cudnn = layer.use_cudnn
            if hasattr(one, "zero_output_for_mask"):
                one.zero_output_for_mask = one.return_sequences
        self.merge_mode = merge_mode
        self._first_weights = weights
        self.stateful = layer.stateful
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec

    def build(self, sequences_shape: Shape, initial_state_shape: Any = None) -> None:
        """Builds both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
                layer.built = True
        if self._first_weights:
            self.set_weights(self._first_weights)

    def call(
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Tensor | None = None,
        training: bool | None = None,
    ) -> Any:
        """Runs both layers; each takes half of the initial states."""
        options = {"training": training, "mask": mask}
        options = {
            name: value
            for name, value in options.items()
            if takes(self.forward_layer.call, name)
        }
        states = (None, None)
        if initial_state is not None:
            half = len(initial_state) // 2
            states = (initial_state[:half], initial_state[half:])
        forward = self.forward_layer(sequences, initial_state=states[0], **options)
        backward = self.backward_layer(sequences, initial_state=states[1], **options)
        last = ()
        if self.return_state:
            last = (*forward[1:], *backward[1:])
            forward, backward = forward[0], backward[0]
        forward = ops.cast(forward, self.compute_dtype)
        backward = ops.cast(backward, self.compute_dtype)
        if self.return_sequences:
            backward = ops.flip(backward, axis=1)
        merged = self._merge(forward, backward)
        if self.return_state:
            return (*merged, *last) if self.merge_mode is None else (merged, *last)
        return merged

    def _merge(self, forward: Tensor, backward: Tensor) -> Any:
        if self.merge_mode == "concat":
            return ops.concatenate([forward, backward], axis=-1)
        if self.merge_mode == "sum":
            return ops.add(forward, backward)
        if self.merge_mode == "ave":
            return ops.add(forward, backward) / 2
        if self.merge_mode == "mul":
            return ops.multiply(forward, backward)
        return forward, backward

    def compute_output_shape(
        self, sequences_shape: Shape, initial_state_shape: Any = None
    ) -> Any:
        """Returns the shape of the output, followed by those of returned states."""
        output = self.forward_layer.compute_output_shape(sequences_shape)
        states = ()
        if self.return_state:
            output, *states = output
        if self.merge_mode is None:
            return (output, output, *states, *states)
        if self.merge_mode == "concat":
            output = (*output[:-1], 2 * output[-1])
        return (output, *states, *states) if self.return_state else tuple(output)

    def compute_mask(self, _: Any, mask: Any) -> Any:
        """Returns the mask with the outputs of all steps."""
        mask = keras.tree.flatten(mask)[0] if self.return_sequences else None
        masks = (mask, mask) if self.merge_mode is None else (mask,)
        if self.return_state:
            states = len(keras.tree.flatten(self.forward_layer.state_size))
            return (*masks, *[None] * (2 * states))
        return masks if self.merge_mode is None else mask

    @property
    def states(self) -> tuple | None:
        """The states of both layers."""
        forward, backward = self.forward_layer.states, self.backward_layer.states
        return (*forward, *backward) if forward and backward else None

    def reset_state(self) -> None:
        """Resets the states of both layers to zero."""
        if not self.stateful:
            raise AttributeError("Layer must be stateful: pass `stateful=True` to it.")
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def reset_states(self) -> None:
        """Resets the states to zero, as `reset_state` does."""
        self.reset_state()

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        serialize = keras.saving.serialize_keras_object
        return super().get_config() | {
            "merge_mode": self.merge_mode,
            "layer": serialize(self.forward_layer),
            "backward_layer": serialize(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Any:
        """Creates a layer from its configuration."""
        layers = {
            name: keras.saving.deserialize_keras_object(
                config[name], custom_objects=custom_objects
            )
            for name in ("layer", "backward_layer")
            if config.get(name) is not None
        }
        return cls(**(config | layers))


def _check_layer(name: str, layer: Any) -> None:
    if not isinstance(layer, keras.layers.Layer):
        raise ValueError(
            f"`{name}` must be a `keras.layers.Layer`. Received: {name}={layer}"
        )


def _copy(layer: keras.layers.Layer, prefix: str, **changes: Any) -> Any:
    config = keras.saving.serialize_keras_object(layer)
    changes["name"] = prefix + layer.name.removeprefix(prefix)
    return keras.saving.deserialize_keras_object(
        config | {"config": config["config"] | changes}
    )


def _check_pair(forward: Any, backward: Any) -> None:
    if forward.go_backwards == backward.go_backwards:
        raise ValueError(
            "Forward layer and backward layer should have different `go_backwards` "
            f"values. Received: {forward.go_backwards} for both"
        )
    for name in ("stateful", "return_sequences", "return_state"):
        if getattr(forward, name) != getattr(backward, name):
            raise ValueError(
                "Forward layer and backward layer are expected to have the same value "
                f"for attribute {name!r}. Received: {getattr(forward, name)} for the "
                f"forward layer, {getattr(backward, name)} for the backward layer"
            )
