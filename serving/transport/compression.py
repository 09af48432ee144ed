"""Bodies compressed with gzip, in both directions."""

import asyncio
import functools
import zlib
from collections.abc import Callable
from concurrent.futures import Executor

from serving.errors import Code, StatusError, invalid_argument

MINIMUM_SIZE = 1024  # of a response that is worth compressing
INLINE_SIZE = 2**15  # bytes that the event loop compresses itself: 0.3 ms
LEVEL = 1

_GZIP = 16 + zlib.MAX_WBITS
_NAMES = ("gzip", "x-gzip")  # RFC 9110 has both for the same
_MEMBERS = 100  # of a body; each costs a step
_INPUT_STEP = 2**16
_OUTPUT_STEP = 2**20


def check_encoding(content_encoding: str) -> None:
    """Checks the `Content-Encoding` of a request.

    Raises:
        StatusError: INVALID_ARGUMENT unless it is gzip.
    """
    if content_encoding.lower() not in _NAMES:
        raise invalid_argument(
            f"Content-Encoding {content_encoding[:80]!r} is not supported. Use gzip."
        )


@functools.lru_cache(100)
def accepts_gzip(accept_encoding: str) -> bool:
    """Reads an `Accept-Encoding` header.

    Example:

    >>> accepts_gzip("deflate, gzip;q=0.5"), accepts_gzip("gzip;q=0"), accepts_gzip("*")
    (True, False, True)
    """
    qualities = {}
    for item in accept_encoding.lower().split(","):
        name, _, parameters = item.partition(";")
        quality = parameters.partition("q=")[2].strip() or "1"
        qualities[name.strip()] = quality.rstrip("0") not in ("", "0.")
    return qualities.get("gzip", qualities.get("*", False))


def compress(body: bytes) -> bytes:
    """Compresses a response."""
    return zlib.compress(body, LEVEL, _GZIP)


async def decompress(
    body: bytes, limit: int, executor: Executor, grown: Callable[[int], None]
) -> bytes:
    """Decompresses a request in bounded steps, beside the event loop if it is large.

    It may have several members, as files that were compressed in parts.

    Args:
        body: As it was received.
        limit: More bytes are refused.
        executor: Threads for it.
        grown: Called with the bytes that each step added; what it raises
            ends the work.

    Raises:
        StatusError: INVALID_ARGUMENT when it is not gzip, or status 413.
    """
    loop = asyncio.get_running_loop()
    stream, members = zlib.decompressobj(_GZIP), 1
    parts, start, rest = [], 0, b""
    while not stream.eof or rest or start < len(body):
        if stream.eof:
            stream, members = zlib.decompressobj(_GZIP), members + 1
            if members > _MEMBERS:
                raise invalid_argument(f"The body has more than {_MEMBERS} members")
        if not rest:
            rest = body[start : start + _INPUT_STEP]
            start += _INPUT_STEP
        try:
            part = await loop.run_in_executor(
                executor, stream.decompress, rest, _OUTPUT_STEP
            )
        except zlib.error as error:
            raise invalid_argument(f"The request body is not gzip: {error}") from None
        if not part and not stream.eof and start >= len(body):
            raise invalid_argument("The request body is not gzip: it ends too early")
        rest = stream.unused_data if stream.eof else stream.unconsumed_tail
        parts.append(part)
        if sum(map(len, parts)) > limit:
            raise too_large(limit)
        grown(len(part))
    return b"".join(parts)


def too_large(limit: int) -> StatusError:
    """Returns the error of a body, compressed or not, that is too large."""
    return StatusError(
        Code.RESOURCE_EXHAUSTED,
        f"Request body is larger than {limit} bytes. Send fewer instances at a time.",
        http_status=413,
    )
