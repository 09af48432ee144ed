"""A client of the REST API; it needs numpy and requests."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import numpy as np
import requests

from serving.errors import ServingError, StatusError
from serving.protocol.predict import encode_predict_request
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME
from serving.protocol.tensors import decode_base64, flatten, is_base64_object

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Client:
    """A client of TensorFlow Serving's REST API, of our server or theirs.

    Args:
        base_url: Scheme, host and port.
        timeout: Seconds to wait for an answer.

    Example:

    >>> with Client("http://127.0.0.1:8501") as client:  # doctest: +SKIP
    ...     client.predict("lenet5", {"image": image})["class_ids"]
    array([7])
    """

    def __init__(
        self, base_url: str = "http://127.0.0.1:8501", timeout: float = 60.0
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        # A proxy from the environment cannot reach this machine's loopback.
        self._session.trust_env = urlsplit(base_url).hostname not in _LOOPBACK
        self._output_names: dict[tuple[str, int | None, str], str] = {}

    def predict(
        self,
        name: str,
        inputs: Mapping[str, Any],
        *,
        version: int | None = None,
        signature_name: str | None = None,
    ) -> dict[str, np.ndarray]:
        """Sends arrays and returns the outputs by name.

        Args:
            name: The model.
            inputs: Arrays, or what `numpy.asarray` takes, by input name.
            version: A version; the latest if None.
            signature_name: A signature; `serving_default` if None.

        Returns:
            Arrays of float32 for JSON numbers with a fraction or exponent, int64 for
            integers, bool, and object for str or bytes.

        Raises:
            ServingError: When the server cannot be reached, refuses the
                request, or answers with something else.
        """
        try:
            arrays = {key: _as_array(value) for key, value in inputs.items()}
            body = encode_predict_request(arrays, signature_name)
        except (ValueError, StatusError) as error:
            raise ServingError(
                f"The inputs for {name} are no arrays that JSON can carry: {error}"
            ) from None
        path = f"{_model_path(name, version)}:predict"
        outputs = self._request("POST", path, body).get("outputs")
        if outputs is None:
            raise ServingError(f"{self._base_url}{path} answered without outputs.")
        if type(outputs) is not dict or is_base64_object(outputs):
            # The protocol leaves out the name of an only output.
            outputs = {self._only_output(name, version, signature_name): outputs}
        return {key: _decode_output(key, value) for key, value in outputs.items()}

    def status(self, name: str, version: int | None = None) -> dict[str, Any]:
        """Returns the status document of one or all versions of a model."""
        return self._request("GET", _model_path(name, version))

    def metadata(self, name: str, version: int | None = None) -> dict[str, Any]:
        """Returns the metadata document of a model: its signatures."""
        return self._request("GET", f"{_model_path(name, version)}/metadata")

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _only_output(
        self, name: str, version: int | None, signature_name: str | None
    ) -> str:
        signature_name = signature_name or DEFAULT_SIGNATURE_NAME
        key = (name, version, signature_name)
        if key not in self._output_names:
            definitions = self.metadata(name, version)["metadata"]["signature_def"]
            signature = definitions["signature_def"][signature_name]
            (self._output_names[key],) = signature["outputs"]
        return self._output_names[key]

    def _request(
        self, method: str, path: str, body: bytes | None = None
    ) -> dict[str, Any]:
        url = self._base_url + path
        headers = {"Content-Type": "application/json"} if body else None
        try:
            response = self._session.request(
                method, url, data=body, headers=headers, timeout=self._timeout
            )
        except requests.Timeout:
            raise ServingError(
                f"{url} did not answer within {self._timeout:g} s. "
                "Send less at a time, or give the client a longer timeout."
            ) from None
        except requests.ConnectionError:
            raise ServingError(
                f"No server answers at {self._base_url}. Start one with "
                "`zoo serve --model-base-path DIR`, or check host and port."
            ) from None
        except requests.RequestException as error:
            raise ServingError(f"The request to {url} failed: {error}") from None
        document = _parse(response, url)
        if response.status_code == 200:
            return document
        raise ServingError(
            f"{url} answered {response.status_code}: {document.get('error', document)}"
            + _REMEDIES.get(response.status_code, "")
        )


_REMEDIES = {
    400: " (Client.metadata shows the inputs that the model takes.)",
    404: " (Check the name and version; the server prints them when it starts.)",
}


def _as_array(value: Any) -> np.ndarray:
    array = np.asarray(value)
    # numpy's own strings would lose NULs at the end.
    return np.asarray(value, object) if array.dtype.kind in "SU" else array


def _model_path(name: str, version: int | None) -> str:
    path = f"/v1/models/{quote(name, safe='')}"
    return path if version is None else f"{path}/versions/{version}"


def _parse(response: requests.Response, url: str) -> dict[str, Any]:
    try:
        document = json.loads(response.content)
    except (ValueError, RecursionError):
        document = None
    if type(document) is not dict:
        raise ServingError(
            f"{url} answered {response.status_code} without a JSON object. "
            "Is this the REST port of a model server?"
        )
    return document


def _decode_output(name: str, value: Any) -> np.ndarray:
    try:
        leaves, shape = flatten(value)
        kinds = set(map(type, leaves))
        if kinds <= {int, float}:
            dtype = np.float32 if float in kinds or not kinds else None
            return np.array(leaves, dtype).reshape(shape)
        if kinds == {bool}:
            return np.array(leaves).reshape(shape)
        array = np.empty(len(leaves), object)
        array[:] = [_decode_leaf(leaf) for leaf in leaves]
        return array.reshape(shape)
    except StatusError as error:
        raise ServingError(f"Output {name!r} is no array: {error}") from None


def _decode_leaf(leaf: Any) -> str | bytes:
    return decode_base64(leaf["b64"]) if is_base64_object(leaf) else leaf
