"""Ctrl-C and SIGTERM between two steps, and not within one."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

SIGNALS = signal.SIGINT, signal.SIGTERM


class Interruption:
    """Remembers the signal that asked to stop."""

    def __init__(self) -> None:
        self.number: int | None = None

    def __bool__(self) -> bool:
        """Whether there was one."""
        return self.number is not None


@contextlib.contextmanager
def deferred_signals() -> Iterator[Interruption]:
    """Holds back SIGINT and SIGTERM until the block ends; a second one passes.

    What the block saves is thus saved between two steps. A signal that was ignored
    stays so, and in a thread, which Python sends no signals, nothing is held back.

    Yields:
        What tells whether a signal came; the block should end soon then.
    """
    interruption = Interruption()
    previous = {}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def hold(number: int, frame: FrameType | None) -> None:
        if interruption:
            restore()
            signal.raise_signal(number)
            return
        interruption.number = number
        print("Stopping after this step, to save it ...", file=sys.stderr, flush=True)

    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                previous[number] = signal.signal(number, hold)
    try:
        yield interruption
    finally:
        restore()
    if interruption.number is not None:
        signal.raise_signal(interruption.number)
