"""Callbacks of a training: made, and checked before there is a run folder."""

from collections.abc import Iterable, Sequence

import keras

from custom_layers.callbacks import EarlyStopping
from zoo import messages
from zoo.components import make
from zoo.config import NOT_SERIALIZED, Config, Recipe
from zoo.errors import ArgumentError
from zoo.tasks import Task
from zoo.training.direction import Mode, known_mode
from zoo.training.inner_optimizers import inner_optimizers

# They infer from their metric whether to minimize it, where `mode` is "auto".
_MONITORS = (
    EarlyStopping,
    keras.callbacks.EarlyStopping,
    keras.callbacks.ModelCheckpoint,
    keras.callbacks.ReduceLROnPlateau,
)

_BATCH_METHODS = (
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_batch_begin",
    "on_batch_end",
)


def make_callbacks(config: Config) -> list[keras.callbacks.Callback]:
    """Makes the callbacks; skips, with a warning, those that cannot be restored.

    Raises:
        ArgumentError: If one of them does what a run does itself.
    """
    held = config.objects.get("callbacks") or [None] * len(config.callbacks)
    callbacks = []
    for component, each in zip(config.callbacks, held, strict=True):
        if each is None and component[1] == NOT_SERIALIZED:
            messages.warn(
                f"The run had the callback {component[0]}, which cannot be serialized; "
                "training continues without it, unless it is given again."
            )
        else:
            callbacks.append(each or make("callback", component))
    if any(isinstance(c, keras.callbacks.BackupAndRestore) for c in callbacks):
        raise ArgumentError(
            "`callbacks`: BackupAndRestore would load its own backup over a "
            "checkpoint; leave it out, a run is continued with resume."
        )
    return callbacks


def at_each_step(callbacks: Iterable[keras.callbacks.Callback]) -> str | None:
    """Returns the class of a callback whose batch methods have to see each step.

    That is one with a batch method of its own, which may count its calls, and one of
    Keras that writes every so many steps.
    """
    return next((type(c).__name__ for c in callbacks if _sees_steps(c)), None)


def _sees_steps(callback: keras.callbacks.Callback) -> bool:
    for name in _BATCH_METHODS:
        method = getattr(callback, name)
        function = getattr(method, "__func__", method)  # or an attribute, as a lambda
        if not str(getattr(function, "__module__", "")).startswith("keras."):
            return True
    every = (getattr(callback, key, "epoch") for key in ("save_freq", "update_freq"))
    # TensorBoard profiles from a step to another.
    return any(each != "epoch" for each in every) or bool(
        getattr(callback, "_start_batch", 0)
    )


def check_modes(
    recipe: Recipe,
    task: Task,
    metrics: Sequence[keras.Metric],
    callbacks: Iterable[keras.callbacks.Callback],
) -> Mode:
    """Checks that the directions of all monitors are known.

    Args:
        recipe: Recipe with the monitor that selects the best epoch.
        task: With the monitor where the recipe names none.
        metrics: All metrics that are computed.
        callbacks: Callbacks, some with a monitor and a mode.

    Returns:
        Whether the monitor of the recipe is minimized or maximized.

    Raises:
        ArgumentError: If a metric declares no direction and none is given.
    """
    for callback in callbacks:
        if not isinstance(callback, _MONITORS) or callback.mode != "auto":
            continue
        try:
            known_mode(callback.monitor, None, metrics)
        except ArgumentError as error:
            raise ArgumentError(
                f"`callbacks`: {type(callback).__name__}, {error}"
            ) from None
    return known_mode(recipe.monitor or task.monitor, recipe.mode, metrics)


def check_swaps(
    model: keras.Model, callbacks: Iterable[keras.callbacks.Callback]
) -> None:
    """Checks that there are averaged weights where a callback swaps them in.

    Raises:
        ArgumentError: If the optimizer of the compiled model keeps no average.
    """
    optimizers = inner_optimizers(model.optimizer)
    # One that chooses among others for each variable does not know them yet.
    if not optimizers or any(each.use_ema for each in optimizers):
        return
    if any(isinstance(c, keras.callbacks.SwapEMAWeights) for c in callbacks):
        raise ArgumentError(
            "`callbacks`: SwapEMAWeights needs an average of the weights; give `ema`."
        )
