"""States of callbacks: kept in the checkpoints, and given back at a resume."""

import os
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import FunctionType
from typing import Any

import keras
import numpy as np

from zoo import messages
from zoo.components import name_of
from zoo.errors import RunError, reason
from zoo.training.packing import pack

# What callbacks of Keras hold between two epochs. The others hold nothing but their
# arguments, what the optimizer has, or an open file.
_HELD: dict[str, tuple[str, ...]] = {
    "EarlyStopping": ("wait", "stopped_epoch", "best", "best_epoch", "best_weights"),
    "History": ("epoch", "history"),
    "ModelCheckpoint": ("best", "_batches_seen_since_last_saving", "_last_batch_seen"),
    "OrbaxCheckpoint": (
        "best",
        "_batches_seen_since_last_saving",
        "_last_batch_seen",
        "_total_batches_seen",
    ),
    "ReduceLROnPlateau": ("wait", "best", "cooldown_counter"),
    "SwapEMAWeights": ("_ema_weights_in_model",),
    "TensorBoard": ("_global_train_batch", "_global_test_batch"),
}
_PLAIN = bool, int, float, str, list, tuple, dict, set, deque, np.ndarray, np.generic


class CallbackStates:
    """The states of the callbacks of a run, by class and name.

    A callback keeps what its `get_state` returns, one of Keras what that class holds
    between two epochs.

    Args:
        callbacks: In the order in which they are called.
    """

    def __init__(self, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        self._callbacks = dict(zip(names(callbacks), callbacks, strict=True))
        self._at_start: dict[str, dict[str, str]] = {}
        self._warned: set[str] = set()

    def continue_files(self, held: dict[str, Any]) -> None:
        """Lets loggers append to their files, which `on_train_begin` opens.

        Args:
            held: What `read` returned.
        """
        for name, callback in self._callbacks.items():
            if isinstance(callback, keras.callbacks.CSVLogger) and name in held:
                callback.append = True
                _shorten(Path(callback.filename), held[name]["state"]["size"])

    def compare(self, held: dict[str, Any]) -> None:
        """Prints a line for each callback that cannot go on where it was.

        Args:
            held: What `read` returned.
        """
        for name in self._callbacks:
            if name in held:
                self._warn(name, held[name]["lost"])
            else:
                messages.warn(f"{name} is not in the checkpoint, so it starts anew.")
        for name in held:
            if name not in self._callbacks:
                messages.warn(
                    f"{name} is in the checkpoint but not in this run; it is dropped."
                )

    def restore(self, held: dict[str, Any]) -> None:
        """Gives the callbacks their states, after `on_train_begin`, which resets them.

        Args:
            held: What `read` returned.

        Raises:
            RunError: If a callback does not take its state.
        """
        for name, callback in self._callbacks.items():
            if name in held:
                _set_state(name, callback, held[name]["state"])

    def start(self) -> None:
        """Remembers what the callbacks hold before the first step."""
        self._at_start = {n: _attributes(c) for n, c in self._callbacks.items()}

    def read(self) -> dict[str, Any]:
        """Returns the state of each callback, and the attributes that are not in it.

        Raises:
            RunError: If a state holds what a checkpoint cannot.
        """
        return {
            name: {"state": _checked(name, callback), "lost": self._lost(name)}
            for name, callback in self._callbacks.items()
        }

    def warn_of_lost(self) -> None:
        """Prints a line for each callback whose state the checkpoints do not keep."""
        for name in self._callbacks:
            self._warn(name, self._lost(name))

    def _warn(self, name: str, lost: list[str]) -> None:
        if lost and name not in self._warned:
            self._warned.add(name)
            messages.warn(
                f"{name} has no get_state() and set_state(state), so a resumed run "
                f"starts its {', '.join(lost)} anew."
            )

    def _lost(self, name: str) -> list[str]:
        """Attributes of a callback that have changed and are in no state."""
        now, before = _attributes(self._callbacks[name]), self._at_start[name]
        return [key for key in now if now[key] != before.get(key)]


def names(callbacks: Sequence[keras.callbacks.Callback]) -> list[str]:
    """Names callbacks by class and monitor, where needed by their file or a number.

    >>> stop, save = keras.callbacks.EarlyStopping, keras.callbacks.ModelCheckpoint
    >>> names([stop("val_loss"), save("a.keras"), save("b.keras")])
    ['keras.callbacks.EarlyStopping(val_loss)', \
'keras.callbacks.ModelCheckpoint(val_loss, a.keras)', \
'keras.callbacks.ModelCheckpoint(val_loss, b.keras)']
    >>> names([keras.callbacks.TerminateOnNaN()] * 2)
    ['keras.callbacks.TerminateOnNaN', 'keras.callbacks.TerminateOnNaN #2']
    """
    short = [_named(callback, "name", "monitor") for callback in callbacks]
    found: list[str] = []
    for name, callback in zip(short, callbacks, strict=True):
        if short.count(name) > 1:
            name = _named(callback, "name", "monitor", "filepath", "filename")
        same = sum(other.partition(" #")[0] == name for other in found)
        found.append(f"{name} #{same + 1}" if same else name)
    return found


def _named(callback: keras.callbacks.Callback, *keys: str) -> str:
    held = [getattr(callback, key, None) for key in keys]
    details = ", ".join(str(v) for v in held if isinstance(v, str | os.PathLike))
    name = name_of("callback", type(callback))
    return f"{name}({details})" if details else name


def _has_state(callback: keras.callbacks.Callback) -> bool:
    return hasattr(callback, "get_state") and hasattr(callback, "set_state")


def _get_state(callback: Any) -> Any:
    if _has_state(callback):
        return callback.get_state()
    state = {key: getattr(callback, key) for key in _held(callback)}
    if isinstance(callback, keras.callbacks.CSVLogger):
        path = Path(callback.filename)
        state["size"] = path.stat().st_size if path.exists() else 0
        state["keys"] = callback.keys
    return state


def _set_state(name: str, callback: Any, state: Any) -> None:
    if _has_state(callback):
        try:
            callback.set_state(state)
        except Exception as error:  # a user's callback may raise anything
            raise RunError(
                f"`callbacks`: {name} does not take its state in the checkpoint: "
                f"{type(error).__name__}: {reason(error)}"
            ) from error
        return
    for key in (*_held(callback), "keys"):
        if key in state:
            setattr(callback, key, state[key])


def _checked(name: str, callback: keras.callbacks.Callback) -> Any:
    state = _get_state(callback)
    try:
        pack(state, [])
    except TypeError as error:
        raise RunError(
            f"`callbacks`: the state of {name} holds {error}, which a checkpoint "
            "cannot; get_state must return numbers, strings, arrays, and lists, "
            "tuples, sets and dictionaries of them."
        ) from None
    return state


def _held(callback: keras.callbacks.Callback) -> list[str]:
    return [key for base in _of_keras(callback) for key in _HELD.get(base.__name__, ())]


def _of_keras(callback: keras.callbacks.Callback) -> list[type]:
    return [c for c in type(callback).__mro__ if c.__module__.startswith("keras.")]


def _attributes(callback: keras.callbacks.Callback) -> dict[str, str]:
    """Attributes that are in no state and that no method of Keras uses, as text."""
    bases = _of_keras(callback)
    if type(callback) in bases or _has_state(callback):
        return {}
    methods = [m for base in bases for m in vars(base).values()]
    known = {
        name
        for method in methods
        if isinstance(method, FunctionType)
        for name in method.__code__.co_names
    }
    return {
        key: _as_text(value)
        for key, value in vars(callback).items()
        if key not in known
    }


def _as_text(value: Any) -> str:
    """What differs if a value has changed, or another object has taken its place."""
    if value is None or isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(value, np.random.Generator):
        return repr(value.bit_generator.state)
    return f"{type(value)} {id(value)}"


def _shorten(path: Path, size: int) -> None:
    """Drops the lines that were written after the checkpoint."""
    if path.exists() and path.stat().st_size > size:
        os.truncate(path, size)
