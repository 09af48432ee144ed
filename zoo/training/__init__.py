"""Recipe to run: training, checkpoints, evaluation, and pictures of the result."""

from zoo.training.ensemble import train_ensemble
from zoo.training.evaluate import evaluate
from zoo.training.plan import Plan, plan
from zoo.training.run import Run
from zoo.training.train import train

__all__ = ["Plan", "Run", "evaluate", "plan", "train", "train_ensemble"]
