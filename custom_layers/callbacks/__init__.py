"""Callbacks of `model.fit`."""

from custom_layers.callbacks.early_stopping import EarlyStopping
from custom_layers.callbacks.gradient_monitor import GradientMonitor

__all__ = ["EarlyStopping", "GradientMonitor"]
