"""Losses that stay finite, but end far above where they began."""

import keras
import numpy as np

from custom_layers.losses import (
    ClippedSurrogateLoss,
    PerceptronCriterion,
    PolicyGradientLoss,
    SparsePerceptronCriterion,
    TemporalDifferenceLoss,
)
from zoo.datasets import Split
from zoo.errors import DivergedError
from zoo.training.checkpoint import Progress
from zoo.training.engine.base import compact

SAMPLES = 32  # for which the loss of the untrained model is computed
# How many times the untrained loss a trained one may be above it. The validation loss
# of a model that knows its training data by heart may rise far.
LIMITS = {"loss": 10.0, "val_loss": 1000.0}
# Losses that have none to compare with: those of perceptrons are proportional to the
# weights, whose norm changes no decision, and agents make their targets themselves.
_INCOMPARABLE = (
    *(PerceptronCriterion, SparsePerceptronCriterion),
    *(ClippedSurrogateLoss, PolicyGradientLoss, TemporalDifferenceLoss),
)
REMEDY = "Try a smaller learning rate, or clipnorm among the optimizer's arguments."


def untrained_loss(model: keras.Model, split: Split) -> float:
    """Returns the magnitude of the loss before the first step.

    It is that of the model or of constant outputs, whichever is larger: a model that
    starts from trained weights has a loss near 0, and augmented samples a larger one.
    A perceptron criterion, or the loss of an agent, has none to compare with: it gives
    0.

    Args:
        model: Compiled and built; it stays as it is.
        split: Training split, its sample weights included.
    """
    if isinstance(model.loss, _INCOMPARABLE):
        return 0.0
    x, y = keras.tree.map_structure(
        lambda array: keras.ops.convert_to_tensor(compact(array[:SAMPLES])),
        tuple(split)[:2],
    )
    options = {"training": False} if model._call_has_training_arg else {}
    # Regularizers need the mapping; states and random generators change in it only.
    mapping = [(variable, variable.value) for variable in model.variables]
    with keras.StatelessScope(state_mapping=mapping):
        outputs = model(x, **options)
        constant = keras.tree.map_structure(
            lambda output: keras.ops.full_like(output, 0.5), outputs
        )
        losses = [model.compute_loss(x, y, each) for each in (outputs, constant)]
    weights = tuple(split)[2:]
    weight = float(np.mean(weights[0], dtype="float64")) if weights else 1.0
    magnitudes = np.abs([float(loss) for loss in losses]) * max(weight, 1.0)
    return float(np.max(magnitudes, where=np.isfinite(magnitudes), initial=0.0))


def check_divergence(progress: Progress) -> None:
    """Checks that the loss of the last epoch is not far above the untrained one.

    Raises:
        DivergedError: If it is.
    """
    start, row = progress.untrained_loss, progress.history[-1]
    if not start:
        return
    for name, limit in LIMITS.items():
        # A callback may have taken it out of the logs.
        if name in row and not row[name] <= (1.0 + limit) * start:
            raise DivergedError(
                f"The training diverged: its {name} ends at {row[name]:.4g} (epoch "
                f"{progress.epoch}), far above the {start:.4g} of the untrained model. "
                f"No model is saved; the history and the checkpoints are. {REMEDY}"
            )
