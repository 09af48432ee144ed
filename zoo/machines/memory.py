"""Peak memory of this process."""

import sys
from pathlib import Path

import psutil


def peak_memory() -> int:
    """Returns the peak resident memory of this process in bytes.

    >>> peak_memory() > 1_000_000
    True
    """
    if sys.platform == "linux":
        # Not `ru_maxrss`: a child starts with that of the process that started it.
        lines = Path("/proc/self/status").read_text().splitlines()
        fields = dict(line.split(":", 1) for line in lines if ":" in line)
        return int(fields["VmHWM"].split()[0]) * 1024
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # KiB but on a Mac
