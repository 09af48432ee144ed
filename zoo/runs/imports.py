"""What a run needs to have imported before it can be opened again."""

import contextlib
from collections.abc import Iterator, Sequence

from zoo.errors import RunError, ZooError
from zoo.plugins import missing


@contextlib.contextmanager
def explain_missing(imports: Sequence[str]) -> Iterator[None]:
    """Says at an error which imports of the run this process lacks, if it lacks any.

    Nothing is imported by itself: a run folder that somebody sent must not decide what
    code is run.

    Args:
        imports: Files and modules that were imported when the run was trained.

    Raises:
        RunError: In place of another error of the block, where imports are missing.
    """
    try:
        yield
    except ZooError as error:
        lacking = missing(imports)
        if not lacking:
            raise
        options = " ".join(f'--import "{name}"' for name in lacking)
        raise RunError(
            f"The run was trained with `zoo {options}`; give that again. ({error})"
        ) from error
