"""A client of the REST API for asyncio."""

from collections.abc import Mapping
from typing import Any

import httpx

from serving.client import httpx_transport
from serving.client.asynchronous import AsynchronousClient
from serving.client.rest_calls import Request, Response, RestCalls
from serving.client.retries import Retries


class AsyncClient(AsynchronousClient):
    """`Client` for asyncio: the same arguments and methods, to be awaited.

    Its connections belong to the event loop that first uses them.

    Args: as for `Client`.

    Example:

    >>> async def classes(image):
    ...     async with AsyncClient("http://127.0.0.1:8501") as client:
    ...         return (await client.predict("lenet5", {"image": image}))["class_ids"]
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
        self._http = httpx.AsyncClient(**settings)

    async def close(self) -> None:
        """See `AsynchronousClient.close`."""
        await self._http.aclose()

    async def _perform(self, request: Request) -> Response:
        watch = httpx_transport.Watch(self._base_url, request)
        timeout = httpx_transport.timeouts(
            request.seconds, self._connect_timeout, self._read_timeout
        )
        with httpx_transport.translate_errors(
            self._base_url, request, self._read_timeout
        ):
            async with self._http.stream(
                request.method,
                self._base_url + request.path,
                content=request.body,
                timeout=timeout,
            ) as answer:
                parts = []
                async for part in answer.aiter_bytes():
                    parts.append(part)
                    watch.check()
        return httpx_transport.response(
            answer.status_code, answer.headers, b"".join(parts)
        )
