"""The OpenAPI description of the server, and a page that tries its models out."""

import pkgutil

from serving.errors import Code, StatusError
from serving.models.manager import ModelManager
from serving.models.samples import Samples, read_samples
from serving.models.servable import Servable
from serving.protocol.model_spec import ModelSpec
from serving.transport.http_messages import HttpRequest, HttpResponse, Respond
from serving.transport.open_inference_rest import (
    available_versions,
    method_not_allowed,
)

OPENAPI = "/openapi.json"
PAGES = ("/", "/docs")
# The page loads nothing and asks nobody but this server.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_PAGE_HEADERS = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
)


class DocumentationApi:
    """Answers `/openapi.json`, and `/` and `/docs` with a page.

    Args:
        manager: Holds the models.
    """

    def __init__(self, manager: ModelManager) -> None:
        self._manager = manager
        self._page = pkgutil.get_data("serving.transport", "documentation.html") or b""
        self._samples: dict[Servable, Samples] = {}
        self._document = b""

    def handle(self, request: HttpRequest, respond: Respond) -> None:
        """See `Api.handle`."""
        if request.path != OPENAPI and request.path not in PAGES:
            raise StatusError(
                Code.NOT_FOUND,
                f"Not found: {request.method} {request.path}. Models live under "
                "/v1/models/NAME and /v2/models/NAME; /docs lists them.",
            )
        request.route = request.path
        if request.method != "GET":
            respond(method_not_allowed(request, "GET"))
        elif request.path == OPENAPI:
            respond(HttpResponse(200, self._openapi()))
        else:
            html = "text/html; charset=utf-8"
            respond(HttpResponse(200, self._page, html, _PAGE_HEADERS))

    def _openapi(self) -> bytes:
        # Few ask for it, and a server starts faster without it.
        from serving.protocol.openapi.document import LoadedVersion, openapi_document

        servables = self._acquire_all()
        try:
            if list(self._samples) != servables:
                known = self._samples
                self._samples = {
                    each: known.get(each) or read_samples(each.path)
                    for each in servables
                }
                loaded = [
                    LoadedVersion(
                        each.name,
                        each.version,
                        each.engine.name,
                        each.engine.signatures,
                        self._samples[each],
                    )
                    for each in servables
                ]
                from zoo.version import __version__  # which takes long to find

                self._document = openapi_document(loaded, __version__)
            return self._document
        finally:
            for servable in servables:
                self._manager.release(servable)

    def _acquire_all(self) -> list[Servable]:
        found = []
        for name in self._manager.names():
            for version in available_versions(self._manager, name):
                try:
                    found.append(self._manager.acquire(ModelSpec(name, version)))
                except StatusError:
                    continue  # It has been unloaded in between.
        return found
