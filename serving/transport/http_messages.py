"""A request and a response of HTTP, between the connection and the APIs."""

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Protocol

from serving.errors import Code
from serving.transport.call import Call


class Work(Protocol):
    """An inference, or a task."""

    def cancel(self) -> object:
        """Ends it if it has not begun; who has started it answers all the same."""
        ...


@dataclasses.dataclass(slots=True)
class HttpRequest:
    """A request with its whole body.

    Args:
        method: `GET`, `POST`, ...
        path: Still percent-encoded, without the query.
        query: What follows the `?`, or empty.
        headers: By name in lower case.
        body: Decompressed.
        deadline: Time of the event loop's clock at which the request ends with 504.
        work: What an API does for it now; cancelled when the client leaves.
        route: The pattern of the path, such as `/v1/models/{model}`, once it is known.
        call: What an API notes of the inference that it is.
        started: Of `time.perf_counter`, when it had arrived.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    deadline: float | None = None
    work: Work | None = None
    route: str = ""
    call: Call | None = None
    # The clock of the event loop counts milliseconds.
    started: float = dataclasses.field(default_factory=time.perf_counter)


@dataclasses.dataclass(slots=True)
class HttpResponse:
    """A response with its whole body, which the connection compresses where asked.

    Args:
        status: Of HTTP.
        body: What is sent.
        content_type: Of the body.
        headers: Others.
        code: The canonical code that metrics count.
    """

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    code: Code = Code.OK


Respond = Callable[[HttpResponse], None]


class Api(Protocol):
    """What answers the requests below one prefix of the path."""

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """Calls `respond` once, now or later, in the thread of the event loop.

        Raises:
            StatusError: In place of a response; the connection writes it with
                `error_document`.
        """
