"""Threshold units: McCulloch and Pitts' neuron, and Rosenblatt's perceptron."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from custom_layers import activations
from custom_layers._types import ActivationLike, InitializerLike, Shape, Tensor
from custom_layers.layers.dense import Dense

__all__ = ["McCullochPitts", "Perceptron", "PerceptronTraining"]


@keras.saving.register_keras_serializable("custom_layers")
class McCullochPitts(keras.layers.Layer):
    r"""Threshold units with given weights.

    .. math::

        y_j = \begin{cases}
            1 & \sum_i x_i W_{i, j} \ge \theta_j \\
            0 & \text{otherwise}
        \end{cases}

    Args:
        kernel: Weights `W`, shape `(features, units)`: positive for excitatory,
            negative for inhibitory inputs.
        threshold: Threshold `theta`, a number or one for each unit.

    Shapes:
        `(batch, ..., features)` to `(batch, ..., units)`.

    Example:

    >>> both = McCullochPitts([[1], [1]], threshold=2)
    >>> y = both(ops.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]))
    >>> [float(fires) for fires in y[:, 0]]
    [0.0, 0.0, 0.0, 1.0]

    Reference:
        McCulloch and Pitts, 1943, A logical calculus of the ideas immanent in
        nervous activity.
    """

    def __init__(self, kernel: Any, threshold: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel = np.array(kernel, dtype="float64")
        self.threshold = np.array(threshold, dtype="float64")
        if self.kernel.ndim != 2:
            raise ValueError(
                "`kernel` must have two dimensions, features and units. "
                f"Received: kernel={kernel}"
            )
        if self.threshold.shape not in ((), self.kernel.shape[1:]):
            raise ValueError(
                "`threshold` must be one number, or one for each of the "
                f"{self.kernel.shape[1]} units. Received: threshold={threshold}"
            )
        self.input_spec = keras.layers.InputSpec(
            min_ndim=2, axes={-1: self.kernel.shape[0]}
        )
        self.supports_masking = True
        self._build_at_init()

    def call(self, inputs: Tensor) -> Tensor:
        """Computes which units fire."""
        kernel = ops.cast(self.kernel, self.compute_dtype)
        threshold = ops.cast(self.threshold, self.compute_dtype)
        return activations.unit_step(ops.matmul(inputs, kernel) - threshold)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the outputs."""
        return (*input_shape[:-1], self.kernel.shape[1])

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "kernel": self.kernel.tolist(),
            "threshold": self.threshold.tolist(),
        }


@dataclass(frozen=True)
class PerceptronTraining:
    """History of a perceptron's training.

    Args:
        mistakes: Number of misclassified samples in each epoch.
    """

    mistakes: tuple[int, ...]

    @property
    def epochs(self) -> int:
        """Number of epochs."""
        return len(self.mistakes)

    @property
    def converged(self) -> bool:
        """Whether the last epoch had no misclassified sample."""
        return self.epochs > 0 and self.mistakes[-1] == 0


@keras.saving.register_keras_serializable("custom_layers")
class Perceptron(Dense):
    r"""Rosenblatt's perceptron: threshold units with their learning rule.

    .. math::

        y &= \mathrm{step}(x W + b) \\
        W &\leftarrow W + \eta \, x^\top (t - y) \\
        b &\leftarrow b + \eta \, (t - y)

    `fit` applies the rule to sample after sample with target `t`, until all are
    classified correctly. If the two classes are linearly separable, it converges
    after finitely many corrections. XOR is not: its four samples need `b < 0`,
    `w1 + b >= 0`, `w2 + b >= 0` and `w1 + w2 + b < 0`, but the second and the third
    add up to `w1 + w2 + b >= -b > 0`.

    Args:
        units: Number of units, which learn independently.
        activation: `"unit_step"` for targets 0 and 1, `"sign_threshold"` for -1
            and 1.
        use_bias: Whether the units have a bias, the negative of a threshold.
        kernel_initializer: Initializer for the kernel `(features, units)`.
        bias_initializer: Initializer for the bias `(units,)`.

    Further arguments are those of `Dense`.

    Shapes:
        `(batch, ..., features)` to `(batch, ..., units)`.

    Example:

    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> neuron = Perceptron()
    >>> neuron.fit(x, [0, 0, 0, 1]).converged
    True
    >>> ops.convert_to_numpy(neuron(x))[:, 0].tolist()
    [0.0, 0.0, 0.0, 1.0]

    Reference:
        Rosenblatt, 1958, The perceptron: a probabilistic model for information
        storage and organization in the brain; Novikoff, 1962, On convergence
        proofs on perceptrons.
    """

    def __init__(
        self,
        units: int = 1,
        activation: ActivationLike = "unit_step",
        use_bias: bool = True,
        kernel_initializer: InitializerLike = "zeros",
        bias_initializer: InitializerLike = "zeros",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            units,
            activation,
            use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            **kwargs,
        )

    def fit(
        self, x: Any, y: Any, *, learning_rate: float = 1.0, epochs: int = 1000
    ) -> PerceptronTraining:
        """Trains by the perceptron rule, one sample at a time.

        Args:
            x: Samples `(samples, features)`.
            y: Targets `(samples,)` or `(samples, units)`.
            learning_rate: Learning rate `eta`. It does not change the outputs
                where the initial weights are zero.
            epochs: Largest number of epochs, since the rule does not converge on
                samples that are not linearly separable.
        """
        if not learning_rate > 0:
            raise ValueError(
                f"`learning_rate` must be positive. Received: {learning_rate=}"
            )
        x = ops.convert_to_numpy(x)
        if not self.built:
            self.build(x.shape)
        kernel = np.array(ops.convert_to_numpy(self.kernel))
        bias = np.zeros_like(kernel[0])
        if self.bias is not None:
            bias = np.array(ops.convert_to_numpy(self.bias))
        x = x.astype(kernel.dtype)
        levels = self._levels()
        targets = self._checked_targets(x, ops.convert_to_numpy(y), levels)
        mistakes: list[int] = []
        while len(mistakes) < epochs and (not mistakes or mistakes[-1] > 0):
            mistakes.append(0)
            for sample, target in zip(x, targets, strict=True):
                side = np.sign(sample @ kernel + bias).astype(int)
                error = learning_rate * (target - levels[side + 1])
                if np.any(error):
                    mistakes[-1] += 1
                    kernel += np.outer(sample, error)
                    if self.bias is not None:
                        bias += error
        self.kernel.assign(kernel)
        if self.bias is not None:
            self.bias.assign(bias)
        return PerceptronTraining(tuple(mistakes))

    def _levels(self) -> np.ndarray:
        """The outputs for inputs below, at and above zero."""
        return ops.convert_to_numpy(self.activate(ops.array([-1.0, 0.0, 1.0])))

    def _checked_targets(
        self, x: np.ndarray, y: np.ndarray, levels: np.ndarray
    ) -> np.ndarray:
        targets = y[:, None] if y.ndim == 1 else y
        if x.ndim != 2 or targets.shape != (len(x), self.units):
            raise ValueError(
                "`x` must be (samples, features) and `y` (samples,) or (samples, "
                f"units). Received: x.shape={x.shape}, y.shape={y.shape} for "
                f"{self.units} units"
            )
        if not np.isin(targets, levels).all():
            raise ValueError(
                f"`y` must hold outputs of the units, {levels[0]:g} and "
                f"{levels[-1]:g}. Received: {np.unique(y)}"
            )
        return targets
