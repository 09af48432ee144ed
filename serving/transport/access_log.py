"""The access log: one JSON object for each request."""

import json
import logging

from serving.transport.http_messages import HttpRequest

logger = logging.getLogger("serving.access")


def log_access(
    request: HttpRequest, client: str, status: int, size: int, seconds: float
) -> None:
    """Logs a request.

    Args:
        request: What was asked.
        client: Address and port.
        status: The HTTP status.
        size: Bytes of the response's body, as sent.
        seconds: From the last byte of the request to the response.
    """
    logger.info(
        json.dumps(
            {
                "method": request.method,
                "path": request.path,
                "status": status,
                "bytes": size,
                "microseconds": round(seconds * 1e6),
                "client": client,
            }
        )
    )
