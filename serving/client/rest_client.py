"""A client of the REST API."""

import weakref
from collections.abc import Mapping
from typing import Any

import httpx

from serving.client import httpx_transport
from serving.client.blocking import BlockingClient
from serving.client.rest_calls import Request, Response, RestCalls
from serving.client.retries import Retries


class Client(BlockingClient):
    """A client of TensorFlow Serving's REST API, of our server or theirs.

    Threads may share one. Proxies of the environment are used, except to this machine.

    Args:
        base_url: Scheme, host and port: `http://127.0.0.1:8501`, `http://[::1]:8501`,
            `https://models.example/prefix`.
        timeout: Seconds that a call may take with all its tries.
        connect_timeout: Seconds to wait for a connection.
        read_timeout: Seconds that a server may send nothing; None is `timeout`.
        retries: When a request is sent again; `Retries(attempts=1)` never does.
        headers: Sent with each request, such as `{"Authorization": "Bearer ..."}`.
        verify: Of https: True, False, or an `ssl.SSLContext`.

    Example:

    >>> with Client("http://127.0.0.1:8501") as client:  # doctest: +SKIP
    ...     client.predict("lenet5", {"image": image})["class_ids"]
    array([7])
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8501",
        timeout: float = 60.0,
        *,
        connect_timeout: float = 5.0,
        read_timeout: float | None = None,
        retries: Retries = Retries(),  # noqa: B008  (it is frozen)
        headers: Mapping[str, str] | None = None,
        verify: Any = True,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        super().__init__(RestCalls(self._base_url, timeout, retries))
        settings = httpx_transport.settings(self._base_url, headers, verify)
        self._http = httpx.Client(**settings)
        weakref.finalize(self, self._http.close)

    def close(self) -> None:
        """See `BlockingClient.close`."""
        self._http.close()

    def _perform(self, request: Request) -> Response:
        watch = httpx_transport.Watch(self._base_url, request)
        timeout = httpx_transport.timeouts(
            request.seconds, self._connect_timeout, self._read_timeout
        )
        with (
            httpx_transport.translate_errors(
                self._base_url, request, self._read_timeout
            ),
            self._http.stream(
                request.method,
                self._base_url + request.path,
                content=request.body,
                timeout=timeout,
            ) as answer,
        ):
            parts = []
            for part in answer.iter_bytes():
                parts.append(part)
                watch.check()
        return httpx_transport.response(
            answer.status_code, answer.headers, b"".join(parts)
        )
