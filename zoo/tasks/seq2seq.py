"""An encoder-decoder model as two models: its encoder, and one step of its decoder."""

import itertools
from typing import Any

import keras
from keras import ops

from custom_layers import TransformerDecoder
from custom_layers.activations import softmax

ENCODED, MASK, TOKEN, POSITION = "encoded", "mask", "token", "position"


class BlockStep(keras.layers.Layer):
    """One step of a decoder block.

    A layer of its own, since Keras wants as many outputs of each call of a layer.

    Args:
        block: A built decoder block.
    """

    def __init__(self, block: TransformerDecoder, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.block = block
        self.built = True

    def call(
        self,
        x: Any,
        cache: Any,
        position: Any,
        encoded: Any = None,
        encoded_mask: Any = None,
    ) -> tuple[Any, Any]:
        """Computes the outputs of the step, and the next cache."""
        return self.block(
            x,
            encoded,
            encoder_padding_mask=encoded_mask,
            self_attention_cache=cache,
            self_attention_cache_update_index=position,
        )

    def compute_output_spec(
        self, x: Any, cache: Any, *others: Any, **options: Any
    ) -> tuple[Any, Any]:
        """Returns shape and dtype of both."""
        return keras.KerasTensor(x.shape, self.compute_dtype), keras.KerasTensor(
            cache.shape, self.compute_dtype
        )


def encoder(model: keras.Model) -> keras.Model:
    """Returns the encoder of a translator, with its weights.

    Its outputs are `encoded`, the `mask` of what is no padding, and the decoder's first
    `state_0` where that is recurrent.

    Shapes:
        `(batch, time)` to `(batch, time, features)`, `(batch, time)` and
        `(batch, units)`.
    """
    return model.get_layer("encoder")


def decoder_step(model: keras.Model) -> keras.Model:
    r"""Returns one step of the decoder of a translator, with its weights.

    .. math::

        \text{logits}_t, s_t = f(y_{t - 1}, s_{t - 1}, \text{encoded})

    Its inputs are `token`, the id of the token before, `encoded` and `mask` as the
    encoder returns them, and `state_0` and so on: the recurrent state, which the
    encoder begins, or the caches of the decoder blocks, which zeros begin and which go
    with the `position` of the token. Its outputs are `logits`, `probabilities`, and
    `next_state_0` and so on.

    Example:

    >>> import zoo
    >>> list(decoder_step(zoo.create_model("translator")).output)
    ['logits', 'probabilities', 'next_state_0']
    """
    first = encoder(model)
    inputs = {TOKEN: keras.Input((), dtype="int32", name=TOKEN)}
    for name in (ENCODED, MASK):
        tensor = first.output[name]
        inputs[name] = keras.Input(tensor.shape[1:], dtype=tensor.dtype, name=name)
    through = _cell if "state_0" in first.output else _blocks
    x, outputs = through(model, inputs)
    logits = model.get_layer("logits")(x)
    answers = {"logits": logits, "probabilities": softmax(logits)}
    return keras.Model(inputs, answers | outputs, name=f"{model.name}_step")


def _cell(model: keras.Model, inputs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    layer = model.get_layer
    cell = layer("decoder").cell
    inputs["state_0"] = keras.Input((cell.units,), name="state_0")
    x = layer("target_embedding")(inputs[TOKEN])
    x, state = cell(x, [inputs["state_0"]])
    query = ops.expand_dims(x, 1)
    context = layer("attention")([query, inputs[ENCODED]], mask=[None, inputs[MASK]])
    x = layer("attentional")(ops.concatenate([context, query], axis=-1))
    return ops.squeeze(x, 1), {"next_state_0": keras.tree.flatten(state)[0]}


def _blocks(model: keras.Model, inputs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    position = keras.Input((), dtype="int32", name=POSITION)
    numbers, outputs = itertools.count(), {}
    x = model.get_layer("target_embedding")(
        ops.expand_dims(inputs[TOKEN], -1), positions=ops.expand_dims(position, -1)
    )
    for block in model.layers:
        if isinstance(block, TransformerDecoder):
            name = f"state_{next(numbers)}"
            inputs[name] = keras.Input(
                block.cache_shape(model.output_shape[1]), name=name
            )
            x, outputs[f"next_{name}"] = BlockStep(block)(
                x, inputs[name], position, inputs[ENCODED], inputs[MASK]
            )
    inputs[POSITION] = position
    x = ops.squeeze(model.get_layer("decoder_norm")(x), 1)
    return x, outputs | {f"next_{POSITION}": position + 1}
