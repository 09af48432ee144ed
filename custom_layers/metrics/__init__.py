"""Metrics that Keras lacks, or computes less exactly."""

from custom_layers.metrics.accuracy import TokenAccuracy
from custom_layers.metrics.determination import R2

__all__ = ["R2", "TokenAccuracy"]
