"""Memory that loading took and nothing uses any more."""

import contextlib
import ctypes


def release_free_memory() -> None:
    """Returns what was freed to the system, where the C library is glibc.

    It keeps the pages that an inspection and a warm-up of large batches took, several
    megabytes for a small model.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
