"""The access log: one JSON object for each request."""

import json
import logging

logger = logging.getLogger("serving.access")


def log_access(
    method: str,
    path: str,
    client: str,
    status: int,
    size: int,
    seconds: float,
    grpc_status: str | None = None,
) -> None:
    """Logs a request.

    Args:
        method: Of HTTP, which is POST for gRPC.
        path: Of the URL, which is `/package.Service/Method` for gRPC.
        client: Address and port.
        status: Of HTTP, which is 200 for gRPC.
        size: Bytes of the response's body, as sent; for gRPC, of its messages.
        seconds: From the last byte of the request to the response.
        grpc_status: Name of the canonical code, for gRPC.
    """
    line: dict[str, str | int] = {
        "method": method,
        "path": path,
        "status": status,
        "bytes": size,
        "microseconds": round(seconds * 1e6),
        "client": client,
    }
    if grpc_status is not None:
        line["grpc_status"] = grpc_status
    logger.info(json.dumps(line))
