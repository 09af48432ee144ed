"""Compiles a model by its recipe and fits it, from a checkpoint where there is one."""

from pathlib import Path

import keras

from custom_layers import losses, optimizers
from zoo import tasks
from zoo.datasets import Dataset
from zoo.registry import Recipe
from zoo.tasks import Task
from zoo.training.batches import ShuffledBatches
from zoo.training.checkpoint import Checkpoints, KeepCheckpoints, Progress
from zoo.training.history import HistoryFile
from zoo.training.progress import ProgressLine


def fit(model: keras.Model, data: Dataset, recipe: Recipe, directory: Path) -> Progress:
    """Trains `model` and leaves the weights of its best epoch in it.

    Args:
        model: With the input shape and classes of the data.
        data: To train and validate on.
        recipe: Optimizer, schedule, batch size, epochs, seed.
        directory: The run folder.

    Returns:
        The figures of each epoch.

    Raises:
        RunError: If the loss is not finite or the last checkpoint is damaged.
    """
    task = tasks.get(data.task)
    steps = -(-len(data.train.y) // recipe.batch_size)
    _compile(model, recipe, task, total_steps=steps * recipe.epochs)
    checkpoints = Checkpoints(directory / "checkpoints")
    progress = checkpoints.latest()
    if progress.epoch == 0:
        _adapt(model, data)
    else:
        model.optimizer.build(model.trainable_variables)
        checkpoints.load(model, progress.epoch)
    model.fit(
        ShuffledBatches(
            data.train, recipe.batch_size, seed=recipe.seed, epoch=progress.epoch
        ),
        validation_data=data.validation,
        validation_batch_size=256,
        initial_epoch=progress.epoch,
        epochs=recipe.epochs,
        shuffle=False,
        verbose=0,
        callbacks=[
            ProgressLine(),
            KeepCheckpoints(
                checkpoints, progress, monitor=recipe.monitor or task.monitor
            ),
            HistoryFile(directory / "history.csv", progress),
            keras.callbacks.TensorBoard(directory / "logs", write_graph=False),
        ],
    )
    checkpoints.load(model, progress.best_epoch)
    return progress


def _adapt(model: keras.Model, data: Dataset) -> None:
    for layer in model.layers:
        if hasattr(layer, "adapt"):
            layer.adapt(data.train.x.astype("float32"))


def _compile(model: keras.Model, recipe: Recipe, task: Task, total_steps: int) -> None:
    kind, options = recipe.optimizer
    if recipe.schedule is not None:
        name, arguments = recipe.schedule
        schedule = getattr(keras.optimizers.schedules, name)(
            options["learning_rate"], decay_steps=total_steps, **arguments
        )
        options = options | {"learning_rate": schedule}
    loss, loss_options = recipe.loss or task.loss
    model.compile(
        optimizer=getattr(optimizers, kind)(**options),
        loss=getattr(losses, loss)(**loss_options),
        metrics=task.metrics(),
        jit_compile=False,  # XLA makes convolutions on a CPU 1.5 times slower
    )
