"""Shows the progress of a training on standard error."""

import sys
from typing import Any

import keras
from tqdm import tqdm


class ProgressLine(keras.callbacks.Callback):
    """Prints a line for each epoch and, on a terminal, a progress bar within it."""

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Starts the progress bar."""
        self._bar = tqdm(
            total=self.params["steps"],
            desc=f"epoch {epoch + 1}/{self.params['epochs']}",
            leave=False,
            disable=None,
        )

    def on_train_batch_end(
        self, batch: int, logs: dict[str, Any] | None = None
    ) -> None:
        """Updates the progress bar."""
        self._bar.update(batch + 1 - self._bar.n)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Replaces the progress bar by the metrics of the epoch."""
        self._bar.close()
        metrics = "  ".join(
            f"{name} {value:.4f}" for name, value in (logs or {}).items()
        )
        width = len(str(self.params["epochs"]))
        print(
            f"epoch {epoch + 1:{width}}/{self.params['epochs']}  {metrics}",
            file=sys.stderr,
            flush=True,
        )
