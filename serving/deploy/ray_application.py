"""The application that `zoo deploy ray` names; it needs `ray[serve]`."""

from typing import TYPE_CHECKING, Any

import httpx

from serving.server import Server

if TYPE_CHECKING:
    from ray.serve import Application  # pyright: ignore[reportMissingImports]
    from starlette.requests import Request  # pyright: ignore[reportMissingImports]
    from starlette.responses import Response  # pyright: ignore[reportMissingImports]

# What belongs to one connection, and is not passed on to the next.
_HOP_BY_HOP = {
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "transfer-encoding",
}
_OPTIONS = {"rest_api_port": 0}


def build(model_base_path: str, **options: Any) -> "Application":
    """Returns the application of a folder of models.

    Args:
        model_base_path: The folder, at the same place on each node.
        options: Other fields of `serving.options.ServerOptions`, such as `engine`.
    """
    from ray import serve  # pyright: ignore[reportAttributeAccessIssue]

    deployment = serve.deployment(
        name="Models", health_check_period_s=2, max_ongoing_requests=64
    )
    return deployment(Replica).bind(model_base_path, options)


class Replica:
    """A server of ours on a port of loopback, asked what the replica is asked.

    So a client gets byte for byte what `zoo serve` answers.

    Args:
        model_base_path: A folder of models.
        options: Other fields of `serving.options.ServerOptions`.
    """

    def __init__(self, model_base_path: str, options: dict[str, Any]) -> None:
        self._server = Server(model_base_path, **{**_OPTIONS, **options})
        self._server.start()
        self._http = httpx.AsyncClient(
            base_url=self._server.url,
            timeout=None,
            trust_env=False,
            headers={"Accept-Encoding": "identity"},
        )

    async def __call__(self, request: "Request") -> "Response":
        """Answers a request of HTTP."""
        from starlette.responses import Response  # pyright: ignore[reportMissingImports]

        query = request.scope["query_string"]
        target = request.scope["raw_path"] + (b"?" + query if query else b"")
        answer = await self._http.request(
            request.method,
            httpx.URL(self._server.url).copy_with(raw_path=target),
            headers=_passed_on(request.headers.items()),
            content=await request.body(),
        )
        headers = dict(_passed_on(answer.headers.items()))
        headers.pop("content-encoding", None)  # httpx has decompressed it.
        return Response(answer.content, answer.status_code, headers)

    async def check_health(self) -> None:
        """Fails when the server does, so that Ray starts another replica."""
        (await self._http.get("/readyz")).raise_for_status()

    def __del__(self) -> None:
        self._server.stop()


def _passed_on(headers: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]
