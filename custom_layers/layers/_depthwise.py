"""Base class of depthwise convolutions."""

from typing import Any

from custom_layers._types import (
    ConstraintLike,
    InitializerLike,
    KnownShape,
    RegularizerLike,
)
from custom_layers.layers._convolving import ConvolvingLayer, check_count


class DepthwiseLayer(ConvolvingLayer):
    """Base class of convolutions with `depth_multiplier` filters for each channel."""

    def __init__(
        self,
        *,
        depth_multiplier: int,
        depthwise_initializer: InitializerLike,
        depthwise_regularizer: RegularizerLike,
        depthwise_constraint: ConstraintLike,
        **kwargs: Any,
    ) -> None:
        check_count(depth_multiplier, "depth_multiplier")
        super().__init__(
            kernel_initializer=depthwise_initializer,
            kernel_regularizer=depthwise_regularizer,
            kernel_constraint=depthwise_constraint,
            **kwargs,
        )
        self.depth_multiplier = depth_multiplier

    depthwise_initializer = property(lambda self: self.kernel_initializer)
    depthwise_regularizer = property(lambda self: self.kernel_regularizer)
    depthwise_constraint = property(lambda self: self.kernel_constraint)

    def depthwise_shape(self, channels: int) -> KnownShape:
        """Returns the shape of the depthwise kernel."""
        return (*self.kernel_size, channels, self.depth_multiplier)

    def get_config(self) -> dict:
        """Returns the shared arguments of the constructor."""
        config = super().get_config() | {"depth_multiplier": self.depth_multiplier}
        for kind in ("initializer", "regularizer", "constraint"):
            config[f"depthwise_{kind}"] = config.pop(f"kernel_{kind}")
        return config
