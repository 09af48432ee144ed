"""Processes: which one it is, whether it is alive, its arguments without passwords."""

import platform
import re
from typing import Any

import psutil

_URL_PASSWORD = re.compile(r"(://[^:/@]*:).*(?=@)")
_QUERY_PASSWORD = re.compile(r"([?&][^=&]*passw[^=&]*=)[^&]*", re.IGNORECASE)


def identify() -> dict[str, Any]:
    """Identifies this process: its host, its id, and when it was created.

    The time belongs to it because a system uses the ids of ended processes again.

    >>> is_alive(identify())
    True
    """
    process = psutil.Process()
    return {
        "host": platform.node(),
        "id": process.pid,
        "created": process.create_time(),
    }


def is_alive(process: dict[str, Any]) -> bool | None:
    """Whether an identified process still runs.

    Returns:
        `None` for a process of another host, which cannot be asked.
    """
    if process["host"] != platform.node():
        return None
    try:
        found = psutil.Process(process["id"])
        # Boot time, which it is counted from, moves a little when clocks are set.
        is_same = abs(found.create_time() - process["created"]) < 5
        # A killed process that its parent has not waited for is still listed.
        return is_same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def mask_password(url: str) -> str:
    """Replaces the password in an argument that is a URL by `***`.

    >>> mask_password("postgresql://ada:secret@db:5432/zoo")
    'postgresql://ada:***@db:5432/zoo'
    >>> mask_password("mysql://db/zoo?user=ada&password=secret")
    'mysql://db/zoo?user=ada&password=***'
    """
    url = _URL_PASSWORD.sub(r"\1***", url)
    return _QUERY_PASSWORD.sub(r"\1***", url)
