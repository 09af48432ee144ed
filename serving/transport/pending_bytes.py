"""What all requests of a worker hold together, over HTTP and gRPC."""


class PendingBytes:
    """Bodies of requests that arrive or are answered, and answers that nobody reads.

    Args:
        limit: `max_pending_bytes`.

    Attributes:
        count: How many there are now. Transports add to it and take away from it.
    """

    __slots__ = ("count", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count = 0
