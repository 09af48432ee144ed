"""Activations as layers."""

from typing import Any

import keras
from keras import ops

from custom_layers import activations
from custom_layers._types import ActivationLike, Shape, Tensor

__all__ = ["ELU", "Activation", "LeakyReLU", "ReLU", "Softmax"]


class _Activation(keras.layers.Layer):
    """Base class of layers that keep the shape and the mask of their inputs."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape


@keras.saving.register_keras_serializable("custom_layers")
class Activation(_Activation):
    r"""Applies an activation function element-wise.

    .. math::

        y = \phi(x)

    Args:
        activation: Activation function `phi`, or its name.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in Activation("unit_step")(ops.array([-1.0, 0.0, 2.0]))]
    [0.0, 1.0, 1.0]
    """

    def __init__(self, activation: ActivationLike, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the activation."""
        return self.activation(inputs)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "activation": activations.serialize(self.activation)
        }


@keras.saving.register_keras_serializable("custom_layers")
class ReLU(_Activation):
    r"""Rectified linear unit, with optional leak, saturation and threshold.

    .. math::

        y = \begin{cases}
            m & x \ge m \\
            x & t < x < m \\
            s (x - t) & x \le t
        \end{cases}

    with threshold `t`, negative slope `s` and maximum `m`; by default `max(x, 0)`.

    Args:
        max_value: Maximum `m` at which the output saturates, at least 0; `None` for
            none.
        negative_slope: Slope `s` at and below the threshold, at least 0.
        threshold: Threshold `t` of activation, at least 0.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in ReLU(max_value=6.0)(ops.array([-2.0, 0.5, 8.0]))]
    [0.0, 0.5, 6.0]

    Reference:
        Nair and Hinton, 2010, Rectified linear units improve restricted
        Boltzmann machines.
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if max_value is not None and max_value < 0:
            raise ValueError(
                "max_value of a ReLU layer cannot be a negative value. "
                f"Received: max_value={max_value}"
            )
        for name, value in (
            ("negative_slope", negative_slope),
            ("threshold", threshold),
        ):
            if value is None or value < 0:
                raise ValueError(
                    f"{name} of a ReLU layer cannot be None or a negative value. "
                    f"Received: {name}={value}"
                )
        self.max_value = max_value
        self.negative_slope = negative_slope
        self.threshold = threshold
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the activation."""
        return activations.relu(
            inputs, self.negative_slope, self.max_value, self.threshold
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


@keras.saving.register_keras_serializable("custom_layers")
class LeakyReLU(_Activation):
    r"""Rectified linear unit with a small slope for negative inputs.

    .. math::

        y = \begin{cases}
            x & x > 0 \\
            s x & x \le 0
        \end{cases}

    Args:
        negative_slope: Slope `s` for negative inputs, at least 0.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in LeakyReLU(0.5)(ops.array([-2.0, 0.5]))]
    [-1.0, 0.5]

    Reference:
        Maas, Hannun and Ng, 2013, Rectifier nonlinearities improve neural
        network acoustic models.
    """

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if negative_slope is None or negative_slope < 0:
            raise ValueError(
                "The negative_slope value of a Leaky ReLU layer cannot be None or "
                f"negative. Received: negative_slope={negative_slope}"
            )
        self.negative_slope = negative_slope
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the activation."""
        return activations.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"negative_slope": self.negative_slope}


@keras.saving.register_keras_serializable("custom_layers")
class ELU(_Activation):
    r"""Exponential linear unit, which saturates at `-alpha`.

    .. math::

        y = \begin{cases}
            x & x > 0 \\
            \alpha (e^x - 1) & x \le 0
        \end{cases}

    Args:
        alpha: Magnitude of the value at which negative inputs saturate.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> [float(y) for y in ELU(alpha=0.5)(ops.array([-1000.0, 2.0]))]
    [-0.5, 2.0]

    Reference:
        Clevert, Unterthiner and Hochreiter, 2016, Fast and accurate deep network
        learning by exponential linear units (ELUs).
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the activation."""
        return activations.elu(inputs, self.alpha)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"alpha": self.alpha}


@keras.saving.register_keras_serializable("custom_layers")
class Softmax(_Activation):
    r"""Normalizes logits to a probability distribution.

    .. math::

        y_i = \frac{e^{x_i - \max_k x_k}}{\sum_j e^{x_j - \max_k x_k}}

    over the positions that the mask keeps; masked positions become 0.

    Args:
        axis: Axis or axes along which the probabilities sum to one.

    Shapes:
        Any shape to the same shape.

    Example:

    >>> y = Softmax()(ops.array([1.0, 1.0, 7.0]), mask=ops.array([True, True, False]))
    >>> [float(p) for p in y]
    [0.5, 0.5, 0.0]

    Reference:
        Bridle, 1990, Probabilistic interpretation of feedforward
        classification network outputs.
    """

    def __init__(self, axis: int | tuple[int, ...] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self._build_at_init()

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Computes the probabilities."""
        axis = self.axis if isinstance(self.axis, int) else tuple(self.axis)
        if mask is None:
            return activations.softmax(inputs, axis)
        _check_mask(tuple(mask.shape), tuple(inputs.shape))
        kept = mask if mask.dtype == "bool" else ops.greater(mask, 0.5)
        low = -3e4 if self.compute_dtype == "float16" else -1e9
        outputs = activations.softmax(ops.where(kept, inputs, low), axis)
        # Where all positions are masked, all probabilities are zero.
        return ops.where(kept, outputs, 0)

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"axis": self.axis}


def _check_mask(mask_shape: Shape, input_shape: Shape) -> None:
    received = f"Received: mask.shape={mask_shape}, inputs.shape={input_shape}"
    if len(mask_shape) > len(input_shape):
        raise ValueError(
            "`mask` must be broadcastable to `inputs` and must not have more "
            f"dimensions. {received}"
        )
    for size, input_size in zip(mask_shape[::-1], input_shape[::-1], strict=False):
        if size not in (None, 1, input_size) and input_size is not None:
            raise ValueError(
                "`mask` must be broadcastable to `inputs`: each of its dimensions "
                f"must be 1 or that of the inputs. {received}"
            )
