"""What all requests of a worker hold together, over HTTP and gRPC."""

import time
from collections.abc import Callable


class Unread:
    """An answer that is on its way to its client.

    Args:
        size: Its bytes.
        leave: Ends the connection of the client.
        since: When it was written, in seconds of `time.monotonic`.
    """

    __slots__ = ("leave", "since", "size")

    def __init__(self, size: int, leave: Callable[[], object], since: float) -> None:
        self.size = size
        self.leave = leave
        self.since = since


class PendingBytes:
    """Bodies of requests that arrive or are answered, and answers that nobody reads.

    Args:
        limit: `max_pending_bytes`.
        patience: `body_timeout_seconds`: who has not read an answer for so long makes
            room for others once there is none.

    Attributes:
        count: How many there are now. Transports add to it and take away from it.
    """

    __slots__ = ("_patience", "_unread", "count", "limit")

    def __init__(self, limit: int, patience: float) -> None:
        self.limit = limit
        self.count = 0
        self._patience = patience
        self._unread: dict[Unread, None] = {}  # the oldest first

    def is_full(self, size: int = 0) -> bool:
        """Whether so many more have no room; makes some for those that come next."""
        if self.count + size <= self.limit:
            return False
        overdue = time.monotonic() - self._patience
        for answer in [each for each in self._unread if each.since <= overdue]:
            answer.leave()
        return True

    def hold(self, size: int, leave: Callable[[], object]) -> Unread:
        """Counts an answer until its client has read it.

        Args:
            size: Its bytes.
            leave: Ends the connection of the client.
        """
        self.count += size
        answer = Unread(size, leave, time.monotonic())
        self._unread[answer] = None
        return answer

    def let_go(self, answer: Unread) -> None:
        """Forgets an answer."""
        self.count -= answer.size
        del self._unread[answer]
