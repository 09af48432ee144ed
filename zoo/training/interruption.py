"""Defers Ctrl-C and SIGTERM to the end of a training step."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from zoo import messages

SIGNALS = signal.SIGINT, signal.SIGTERM


class Interruption:
    """The signal that asked to stop, if one came."""

    def __init__(self) -> None:
        self.number: int | None = None

    def __bool__(self) -> bool:
        """Whether a signal came."""
        return self.number is not None


@contextlib.contextmanager
def deferred_signals() -> Iterator[Interruption]:
    """Defers SIGINT and SIGTERM until the block ends; a second one acts at once.

    Checkpoints are thus written between two steps. Ignored signals stay ignored, and
    outside of the main thread, which alone gets signals, nothing is deferred.

    Yields:
        True once a signal came; the block should then end soon.
    """
    interruption = Interruption()
    previous = {}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def defer(number: int, frame: FrameType | None) -> None:
        if interruption:
            restore()
            signal.raise_signal(number)
            return
        interruption.number = number
        messages.inform("Stopping after this step to save it ...")

    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                previous[number] = signal.signal(number, defer)
    try:
        yield interruption
    finally:
        restore()
    if interruption.number is not None:
        signal.raise_signal(interruption.number)
