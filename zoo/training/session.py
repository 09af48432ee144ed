"""How a session of a training ends: its state, its model, and what went wrong."""

import contextlib
import errno
import shlex
from collections.abc import Iterator
from pathlib import Path

import keras

from zoo.errors import DivergedError, RunError, ZooError
from zoo.files import replacing
from zoo.runs.timings import Timings
from zoo.runs.trained import MODEL

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def session(directory: Path, timings: Timings) -> Iterator[None]:
    """Records how a session ends, and explains the error of a full disk."""
    try:
        yield
        timings.close("finished")
    except BaseException as error:
        # On a full disk this fails, too; the first error is the one to report.
        with contextlib.suppress(OSError):
            has_diverged = isinstance(error, DivergedError)
            timings.close("diverged" if has_diverged else "interrupted")
        if isinstance(error, OSError) and error.errno in _FULL:
            raise RunError(
                f"Cannot write to {directory}: {error.strerror}; the last checkpoint "
                "is intact. Free some disk space and continue with --resume."
            ) from error
        raise


def save_model(model: keras.Model, directory: Path) -> None:
    """Saves a trained model; metrics of an earlier one are removed."""
    (directory / "metrics.json").unlink(missing_ok=True)
    with replacing(directory / MODEL) as part:
        model.save(part)


@contextlib.contextmanager
def scoring(directory: Path) -> Iterator[None]:
    """Says where the trained model is if it cannot be scored."""
    try:
        yield
    except Exception as error:
        kind = "" if isinstance(error, ZooError) else f"{type(error).__name__}: "
        said = error.strerror if isinstance(error, OSError) else None
        reason = " ".join(f"{kind}{said or error}".split()).rstrip(".")
        raise RunError(
            f"The model is trained, and saved as {directory / MODEL}, but it cannot be "
            f"scored ({reason}). `zoo evaluate {shlex.quote(str(directory))}` scores "
            "it, and the command with --resume writes its metrics.json, too."
        ) from error
