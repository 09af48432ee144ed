"""Short trainings of the models that are shown."""

from typing import Any

import keras
import numpy as np


def learn(
    model: keras.Model,
    x: Any,
    y: Any,
    *,
    optimizer: keras.optimizers.Optimizer,
    loss: Any,
    steps: int,
    batch_size: int,
) -> None:
    """Trains a model for a number of steps, each on a batch drawn with a fixed seed.

    Args:
        model: Is compiled here.
        x: Samples.
        y: Their targets.
        optimizer: One of its own.
        loss: To minimize.
        steps: Updates of the weights.
        batch_size: Samples of an update; all of them, where there are no more.
    """
    model.compile(optimizer=optimizer, loss=loss, jit_compile=False)
    if batch_size >= len(x):
        order = np.tile(np.arange(len(x)), steps)
        batch_size = len(x)
    else:
        generator = np.random.default_rng(0)
        order = generator.integers(len(x), size=steps * batch_size)
    model.fit(x[order], y[order], batch_size=batch_size, shuffle=False, verbose=0)  # pyright: ignore
