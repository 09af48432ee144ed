"""Search for better hyperparameters and architectures, with Optuna."""

from zoo.tuning.tune import Tuning, tune

__all__ = ["Tuning", "tune"]
