"""Metrics that Keras lacks."""

from custom_layers.metrics.accuracy import TokenAccuracy

__all__ = ["TokenAccuracy"]
