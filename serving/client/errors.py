"""What a call can end with."""

from serving.errors import Code, ServingError


class RequestError(ServingError):
    """A request without an answer, or with a refusal.

    Args:
        code: The canonical code: the server's, `UNAVAILABLE` where no server answers,
            `DEADLINE_EXCEEDED` after a timeout.
        message: What was wrong and what to do.

    Example:

    >>> error = RequestError(Code.NOT_FOUND, "There is no model m.")
    >>> error.code.name, str(error)
    ('NOT_FOUND', 'There is no model m.')
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code


class TransportError(RequestError):
    """A request that no answer came to.

    Args:
        code: The canonical code.
        message: What happened.
        is_retriable: Whether another try may reach a server.
        was_sent: Whether a server may have begun to work on the request.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        is_retriable: bool = False,
        was_sent: bool = False,
    ) -> None:
        super().__init__(code, message)
        self.is_retriable = is_retriable
        self.was_sent = was_sent
