"""Shows the progress of a training on standard error."""

from collections.abc import Mapping
from typing import Any

import keras
from tqdm import tqdm

from zoo import messages


class ProgressLine(keras.callbacks.Callback):
    """Prints a line for each epoch; on a terminal, below them, a bar of the whole run.

    The bar shows the loss since the start of the epoch and the time that is left.
    """

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Makes the bar, which starts at the first epoch: a run may be resumed."""
        self._epoch = 0
        self._bar = tqdm(
            total=self.params["epochs"] * self.params["steps"],
            leave=False,
            disable=True if messages.is_quiet() else None,
            dynamic_ncols=True,
            bar_format="{desc} {percentage:3.0f} % |{bar}| {remaining} left{postfix}",
        )

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Names the epoch beside the bar."""
        self._epoch = epoch
        if self._bar.n == 0:
            self._bar.initial = self._bar.n = epoch * self.params["steps"]
        self._bar.set_description_str(f"epoch {epoch + 1}/{self.params['epochs']}")

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Moves the bar on."""
        if logs:
            self._bar.set_postfix_str(f"loss {logs['loss']:.4g}", refresh=False)
        steps = self._epoch * self.params["steps"] + batch + 1
        self._bar.update(steps - self._bar.n)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Prints the metrics of the epoch."""
        messages.inform(epoch_line(epoch + 1, self.params["epochs"], logs or {}))

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Removes the bar."""
        self._bar.close()


def epoch_line(epoch: int, epochs: int, logs: Mapping[str, float]) -> str:
    """Formats the metrics of an epoch, those of validation in brackets.

    >>> epoch_line(3, 20, {"loss": 0.5, "val_loss": 0.6, "seconds": 1.234})
    'epoch  3/20  loss 0.5000 (val 0.6000)  1.2 s'
    """
    parts = [f"epoch {epoch:{len(str(epochs))}}/{epochs}"]
    for name, value in sorted(logs.items(), key=lambda item: item[0] != "loss"):
        if name == "seconds":
            parts.append(f"{value:.1f} s")
        elif not (name.startswith("val_") and name.removeprefix("val_") in logs):
            validation = logs.get(f"val_{name}")
            brackets = "" if validation is None else f" (val {validation:.4f})"
            parts.append(f"{name} {value:.4f}{brackets}")
    return "  ".join(parts)
