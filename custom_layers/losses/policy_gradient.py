"""Losses of policies that choose one of several actions, with a state value."""

import keras
from keras import ops

from custom_layers._types import Tensor

__all__ = [
    "ClippedSurrogateLoss",
    "PolicyGradientLoss",
    "clipped_surrogate_loss",
    "policy_gradient_loss",
]


@keras.saving.register_keras_serializable("custom_layers")
def policy_gradient_loss(
    y_true: Tensor,
    y_pred: Tensor,
    value_weight: float = 0.5,
    entropy_weight: float = 0.0,
) -> Tensor:
    r"""Negative log-likelihood of each action, weighted by its advantage.

    .. math::

        L = -A \log \pi(a \mid s) + c_v (V(s) - R)^2 - c_h H(\pi(\cdot \mid s))

    whose gradient, with the advantage :math:`A = R - V(s)` held constant, is that of
    the policy gradient theorem,

    .. math::

        \nabla J = \mathbb{E} \left[ A \, \nabla \log \pi(a \mid s) \right], \quad
        H(\pi) = -\sum_a \pi(a) \log \pi(a)

    Args:
        y_true: Columns action :math:`a` (its index), advantage :math:`A`, return
            :math:`R`, and the log-probability of the action as it was taken, which is
            not used here.
        y_pred: Logits of the actions, and the value :math:`V(s)` behind them.
        value_weight: Weight :math:`c_v` of the squared error of the value.
        entropy_weight: Weight :math:`c_h` of the entropy, which keeps exploring.

    Shapes:
        `(batch, 4)` and `(batch, actions + 1)` to `(batch,)`.

    Example:

    >>> loss = policy_gradient_loss([[1.0, 2.0, 0.0, -0.7]], [[0.0, 0.0, 3.0]])
    >>> [round(float(x), 4) for x in loss]
    [5.8863]

    Reference:
        Williams, 1992, Simple statistical gradient-following algorithms for
        connectionist reinforcement learning; Sutton, McAllester, Singh and Mansour,
        2000, Policy gradient methods for reinforcement learning with function
        approximation.
    """
    action, advantage, returns, _ = _columns(y_true, y_pred)
    logs, value = _policy_and_value(y_pred)
    surrogate = advantage * _chosen(action, logs)
    loss = value_weight * ops.square(value - returns) - surrogate
    return loss - entropy_weight * _entropy(logs) if entropy_weight else loss


@keras.saving.register_keras_serializable("custom_layers")
def clipped_surrogate_loss(
    y_true: Tensor,
    y_pred: Tensor,
    clip: float = 0.2,
    value_weight: float = 0.5,
    entropy_weight: float = 0.0,
) -> Tensor:
    r"""The negative clipped surrogate objective of proximal policy optimization (PPO).

    .. math::

        L &= -\min \left( \rho A, \operatorname{clip}(\rho, 1 - \epsilon, 1 + \epsilon)
            A \right) + c_v (V(s) - R)^2 - c_h H(\pi(\cdot \mid s)) \\
        \rho &= \frac{\pi(a \mid s)}{\pi_{\mathrm{old}}(a \mid s)}

    Beyond the clipped ratio an action gives no gradient, so that a policy can learn
    several times from the same experience without leaving the one that collected it.

    Args:
        y_true: Columns action :math:`a` (its index), advantage :math:`A`, return
            :math:`R` and :math:`\log \pi_{\mathrm{old}}(a \mid s)`, that of the policy
            that took the action.
        y_pred: Logits of the actions, and the value :math:`V(s)` behind them.
        clip: Largest change :math:`\epsilon` of the ratio that is rewarded.
        value_weight: Weight :math:`c_v` of the squared error of the value.
        entropy_weight: Weight :math:`c_h` of the entropy, which keeps exploring.

    Shapes:
        `(batch, 4)` and `(batch, actions + 1)` to `(batch,)`.

    Example:

    >>> taken = [[1.0, 2.0, 3.0, -1.3863]]  # with a probability of 0.25, now 0.5
    >>> [round(float(x), 4) for x in clipped_surrogate_loss(taken, [[0.0, 0.0, 3.0]])]
    [-2.4]

    Reference:
        Schulman, Wolski, Dhariwal, Radford and Klimov, 2017, Proximal policy
        optimization algorithms.
    """
    action, advantage, returns, before = _columns(y_true, y_pred)
    logs, value = _policy_and_value(y_pred)
    ratio = ops.exp(_chosen(action, logs) - before)
    clipped = ops.clip(ratio, 1 - clip, 1 + clip)
    surrogate = ops.minimum(ratio * advantage, clipped * advantage)
    loss = value_weight * ops.square(value - returns) - surrogate
    return loss - entropy_weight * _entropy(logs) if entropy_weight else loss


def _columns(y_true: Tensor, y_pred: Tensor) -> list[Tensor]:
    """Returns action, advantage, return and log-probability of each sample."""
    y_true = ops.cast(y_true, ops.convert_to_tensor(y_pred).dtype)
    if y_true.shape[-1] != 4:
        raise ValueError(
            "`y_true` must have the columns action, advantage, return and "
            f"log-probability. Received: y_true.shape={tuple(y_true.shape)}"
        )
    return [y_true[..., i] for i in range(4)]


def _policy_and_value(y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the logarithms of the probabilities of actions, and the value."""
    y_pred = ops.convert_to_tensor(y_pred)
    logits, value = y_pred[..., :-1], y_pred[..., -1]
    return logits - ops.logsumexp(logits, axis=-1, keepdims=True), value


def _chosen(action: Tensor, logs: Tensor) -> Tensor:
    index = ops.cast(action, "int32")
    return ops.sum(ops.one_hot(index, logs.shape[-1], dtype=logs.dtype) * logs, axis=-1)


def _entropy(logs: Tensor) -> Tensor:
    return -ops.sum(ops.exp(logs) * logs, axis=-1)


class _PolicyLoss(keras.losses.Loss):
    """Base of both: the weights of value and entropy."""

    def __init__(
        self,
        value_weight: float,
        entropy_weight: float,
        reduction: str | None,
        name: str | None,
        dtype: str | keras.DTypePolicy | None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.value_weight = value_weight
        self.entropy_weight = entropy_weight

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {
            "value_weight": self.value_weight,
            "entropy_weight": self.entropy_weight,
        }


@keras.saving.register_keras_serializable("custom_layers")
class PolicyGradientLoss(_PolicyLoss):
    r"""Negative log-likelihood of each action, weighted by its advantage (REINFORCE).

    .. math::

        L = -A \log \pi(a \mid s) + c_v (V(s) - R)^2 - c_h H(\pi(\cdot \mid s))

    reduced over the samples; see `policy_gradient_loss`.

    Args:
        value_weight: Weight :math:`c_v` of the squared error of the value.
        entropy_weight: Weight :math:`c_h` of the entropy.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, 4)` and `(batch, actions + 1)` to a scalar; without a reduction to
        `(batch,)`.

    Example:

    >>> loss = PolicyGradientLoss()
    >>> round(float(loss([[1.0, 2.0, 0.0, -0.7]], [[0.0, 0.0, 3.0]])), 4)
    5.8863

    Reference:
        Williams, 1992, Simple statistical gradient-following algorithms for
        connectionist reinforcement learning.
    """

    def __init__(
        self,
        value_weight: float = 0.5,
        entropy_weight: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "policy_gradient_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(value_weight, entropy_weight, reduction, name, dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return policy_gradient_loss(
            y_true, y_pred, self.value_weight, self.entropy_weight
        )


@keras.saving.register_keras_serializable("custom_layers")
class ClippedSurrogateLoss(_PolicyLoss):
    r"""The negative clipped surrogate objective of proximal policy optimization (PPO).

    .. math::

        L &= -\min \left( \rho A, \operatorname{clip}(\rho, 1 - \epsilon, 1 + \epsilon)
            A \right) + c_v (V(s) - R)^2 - c_h H(\pi(\cdot \mid s)) \\
        \rho &= \frac{\pi(a \mid s)}{\pi_{\mathrm{old}}(a \mid s)}

    reduced over the samples; see `clipped_surrogate_loss`.

    Args:
        clip: Largest change :math:`\epsilon` of the ratio that is rewarded.
        value_weight: Weight :math:`c_v` of the squared error of the value.
        entropy_weight: Weight :math:`c_h` of the entropy.
        reduction: `"sum_over_batch_size"` or `"mean"`, `"sum"`,
            `"mean_with_sample_weight"`, `"none"` or `None`.
        name: Name of the loss.
        dtype: Dtype of the computation; `None` for Keras' float type.

    Shapes:
        `(batch, 4)` and `(batch, actions + 1)` to a scalar; without a reduction to
        `(batch,)`.

    Example:

    >>> taken = [[1.0, 2.0, 3.0, -1.3863]]  # with a probability of 0.25, now 0.5
    >>> round(float(ClippedSurrogateLoss()(taken, [[0.0, 0.0, 3.0]])), 4)
    -2.4

    Reference:
        Schulman, Wolski, Dhariwal, Radford and Klimov, 2017, Proximal policy
        optimization algorithms.
    """

    def __init__(
        self,
        clip: float = 0.2,
        value_weight: float = 0.5,
        entropy_weight: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "clipped_surrogate_loss",
        dtype: str | keras.DTypePolicy | None = None,
    ) -> None:
        super().__init__(value_weight, entropy_weight, reduction, name, dtype)
        self.clip = clip

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Computes the loss of each sample."""
        return clipped_surrogate_loss(
            y_true, y_pred, self.clip, self.value_weight, self.entropy_weight
        )

    def get_config(self) -> dict:
        """Returns the constructor's arguments."""
        return super().get_config() | {"clip": self.clip}
