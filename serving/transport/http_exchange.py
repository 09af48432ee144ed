"""A request of HTTP on its way to its answer."""

from typing import TYPE_CHECKING

from serving.transport.http_messages import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from serving.transport.http_connection import HttpConnection


class Exchange:
    """A request, or what it is refused with, and the way to answer it.

    Args:
        connection: That it came by.
        request: The request.
        size: Bytes that are counted for it.
        keep_alive: Whether another one may follow.
        head_only: Whether the answer has no body.
        refusal: What it is refused with.
    """

    __slots__ = (
        "answered",
        "connection",
        "head_only",
        "is_abandoned",
        "keep_alive",
        "refusal",
        "request",
        "size",
    )

    def __init__(
        self,
        connection: "HttpConnection",
        request: HttpRequest,
        size: int,
        keep_alive: bool = False,
        head_only: bool = False,
        refusal: HttpResponse | None = None,
    ) -> None:
        self.connection = connection
        self.request = request
        self.size = size
        self.keep_alive = keep_alive
        self.head_only = head_only
        self.refusal = refusal
        self.answered = False
        self.is_abandoned = False

    def respond(self, response: HttpResponse) -> None:
        """Answers the request; a second answer, or one that comes too late, is lost."""
        self.connection.answer(self, response)

    def cancel(self) -> None:
        """Ends what is done for it and has not begun."""
        if self.request.work is not None:
            self.request.work.cancel()
