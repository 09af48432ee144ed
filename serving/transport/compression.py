"""Compressed request bodies."""

import zlib

from serving.errors import Code, StatusError, invalid_argument

_GZIP = 16 + zlib.MAX_WBITS


def decompress(body: bytes, content_encoding: str, limit: int) -> bytes:
    """Decodes the `Content-Encoding` of a body, to `limit` bytes at most.

    Raises:
        StatusError: For an encoding other than gzip, a body that is not what
            it says it is, or one that grows beyond the limit.

    Example:

    >>> import gzip
    >>> decompress(gzip.compress(b"{}"), "gzip", limit=100)
    b'{}'
    """
    if content_encoding in ("", "identity"):
        return body
    if content_encoding != "gzip":
        raise invalid_argument(
            f"Content-Encoding {content_encoding!r} is not supported. Use gzip."
        )
    stream = zlib.decompressobj(_GZIP)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error as error:
        raise invalid_argument(f"The request body is not gzip: {error}") from None
    if len(plain) > limit:
        raise too_large(limit)
    if not stream.eof:
        raise invalid_argument("The request body is not gzip: it ends too early")
    return plain


def too_large(limit: int) -> StatusError:
    """Returns the error of a body, compressed or not, that is too large."""
    return StatusError(
        Code.RESOURCE_EXHAUSTED,
        f"Request body is larger than {limit} bytes. Send fewer instances at a time.",
        http_status=413,
    )
