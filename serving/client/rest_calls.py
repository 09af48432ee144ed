"""The calls of TensorFlow Serving's REST API, as flows."""

import dataclasses
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import numpy as np

from serving.client import json_values
from serving.client.calls import Calls, Context, Examples, Flow, cast_inputs
from serving.client.errors import RequestError
from serving.client.retries import Retries, persist
from serving.client.signatures import numpy_dtype
from serving.errors import Code, ServingError
from serving.protocol.model_spec import ModelSpec
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME

_REMEDIES = {
    400: " (`metadata` shows the inputs that the model takes.)",
    404: " (Check the name and version; the server prints them when it starts.)",
}


@dataclasses.dataclass(frozen=True)
class Request:
    """What a transport sends.

    Args:
        method: `GET` or `POST`.
        path: Path of the URL.
        body: JSON; None sends none.
        seconds: How long the answer may take.
        timeout: The seconds that the whole call has, for the error.
    """

    method: str
    path: str
    body: bytes | None
    seconds: float
    timeout: float


@dataclasses.dataclass(frozen=True)
class Response:
    """What came back: the status, the seconds of `Retry-After` or None, the body."""

    status: int
    retry_after: float | None
    content: bytes


class RestCalls(Calls):
    """The calls of a client of one server.

    Args:
        base_url: Scheme, host and port, with the path of a gateway if there is one.
        timeout: Seconds that a call may take with all its tries.
        retries: When a request is sent again.
    """

    def __init__(self, base_url: str, timeout: float, retries: Retries) -> None:
        super().__init__()
        self._base_url = base_url
        self._timeout = timeout
        self._retries = retries

    def predict(
        self, spec: ModelSpec, inputs: Mapping[str, Any], signature_name: str | None
    ) -> Flow[dict[str, np.ndarray]]:
        """See `Calls`."""
        signature = yield from self._signature(spec, signature_name)
        arrays = cast_inputs(inputs, signature)
        body = json_values.predict_body(arrays, signature.name)
        document = yield from self._send("POST", f"{_path(spec)}:predict", body)
        outputs = self._key(document, "outputs", f"{_path(spec)}:predict")
        if type(outputs) is not dict or json_values.is_base64(outputs):
            # The protocol leaves out the name of an only output.
            outputs = {next(iter(signature.outputs), "outputs"): outputs}
        if outputs.keys() != signature.outputs.keys():  # Of another version by now.
            self._forget(spec)
            signature = yield from self._signature(spec, signature_name)
        return {
            name: json_values.read_array(
                name, value, numpy_dtype(signature.outputs.get(name))
            )
            for name, value in outputs.items()
        }

    def classify(
        self,
        spec: ModelSpec,
        examples: Examples,
        signature_name: str | None,
        context: Context,
    ) -> Flow[list[list[tuple[str, float]]]]:
        """See `Calls`."""
        results = yield from self._examples(
            "classify", spec, examples, signature_name, context
        )
        return [[(label, float(score)) for label, score in row] for row in results]

    def regress(
        self,
        spec: ModelSpec,
        examples: Examples,
        signature_name: str | None,
        context: Context,
    ) -> Flow[np.ndarray]:
        """See `Calls`."""
        results = yield from self._examples(
            "regress", spec, examples, signature_name, context
        )
        return json_values.read_array("results", results, np.dtype(np.float32))

    def status(self, spec: ModelSpec) -> Flow[dict[str, Any]]:
        """See `Calls`."""
        return (yield from self._send("GET", _path(spec)))

    def metadata(self, spec: ModelSpec) -> Flow[dict[str, Any]]:
        """See `Calls`."""
        return (yield from self._send("GET", f"{_path(spec)}/metadata"))

    def _examples(
        self,
        method: str,
        spec: ModelSpec,
        examples: Examples,
        signature_name: str | None,
        context: Context,
    ) -> Flow[list]:
        name = signature_name or DEFAULT_SIGNATURE_NAME
        path = f"{_path(spec)}:{method}"
        body = json_values.examples_body(examples, name, context)
        document = yield from self._send("POST", path, body)
        return self._key(document, "results", path)

    def _key(self, document: dict[str, Any], key: str, path: str) -> Any:
        if key not in document:
            raise ServingError(f"{self._base_url}{path} answered without {key}.")
        return document[key]

    def _send(
        self, method: str, path: str, body: bytes | None = None
    ) -> Flow[dict[str, Any]]:
        response = yield from persist(
            lambda seconds: Request(method, path, body, seconds, self._timeout),
            _busy_seconds,
            self._retries,
            self._timeout,
            time.monotonic,
        )
        return self._document(path, response)

    def _document(self, path: str, response: Response) -> dict[str, Any]:
        url, status = self._base_url + path, response.status
        try:
            document = json_values.parse(response.content)
        except (ValueError, RecursionError):
            document = None
        if type(document) is not dict:
            raise RequestError(
                _code(status) if status != 200 else Code.UNKNOWN,
                f"{url} answered {status} without a JSON object. "
                "Is this the REST port of a model server?",
            )
        if status == 200:
            return document
        said = " ".join(str(document.get("error", document)).split())
        raise RequestError(
            _code(status), f"{url} answered {status}: {said}{_REMEDIES.get(status, '')}"
        )


def _path(spec: ModelSpec) -> str:
    path = f"/v1/models/{quote(spec.name, safe='')}"
    if spec.version is not None:
        return f"{path}/versions/{spec.version}"
    return path if spec.label is None else f"{path}/labels/{quote(spec.label, safe='')}"


def _busy_seconds(response: Response) -> float | None:
    return None if response.status != 503 else response.retry_after or 0.0


def _code(status: int) -> Code:
    """Returns the canonical code of an HTTP status."""
    found = [code for code in Code if code.http_status == status]
    # INVALID_ARGUMENT stands for 400, ALREADY_EXISTS for 409, INTERNAL for 500.
    preferred = Code.INTERNAL if status >= 500 else Code.INVALID_ARGUMENT
    return preferred if preferred in found or not found else found[0]
