"""What a request holds: the signature of a server, or a file."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np

from serving.client.grpc_client import GrpcClient
from serving.client.rest_client import Client
from serving.client.signatures import read_signatures
from serving.errors import ServingError
from serving.protocol.model_spec import ModelSpec
from serving.protocol.open_inference.datatypes import DATATYPES
from serving.protocol.signature_def import DEFAULT_SIGNATURE_NAME, TensorInfo
from zoo.array_file import DAMAGES, load_arrays

_DTYPES = {datatype: dtype for dtype, datatype in DATATYPES.items()}


def describe_inputs(
    url: str, api: str, spec: ModelSpec, signature_name: str
) -> dict[str, TensorInfo]:
    """Asks a server what a model takes.

    Raises:
        ServingError: If it does not say.
    """
    if api.startswith("v2"):
        return _describe_v2(url, spec, signature_name)
    client = GrpcClient(url.rpartition("/")[2]) if api == "grpc" else Client(url)
    with client:
        signatures = read_signatures(client.metadata(spec.name, spec.version))
    if signature_name not in signatures:
        raise ServingError(
            f'{spec.name} has no signature "{signature_name}"; it has '
            f"{', '.join(signatures)}."
        )
    return dict(signatures[signature_name].inputs)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Reads a `.npz` file of arrays by input.

    Raises:
        ServingError: If it is none.
    """
    try:
        return load_arrays(path)
    except DAMAGES as error:
        raise ServingError(f"{path} is no .npz of arrays: {error}") from None


def _describe_v2(
    url: str, spec: ModelSpec, signature_name: str
) -> dict[str, TensorInfo]:
    version = "" if spec.version is None else f"/versions/{spec.version}"
    address = f"{url.rstrip('/')}/v2/models/{quote(spec.name, safe='')}{version}"
    if signature_name != DEFAULT_SIGNATURE_NAME:  # other servers have one
        address += f"?signature_name={quote(signature_name, safe='')}"
    try:
        answer = httpx.get(address, timeout=10, trust_env=False)
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["inputs"]
        return {
            each["name"]: TensorInfo(
                each["name"],
                _DTYPES.get(each["datatype"], str(each["datatype"])),
                tuple(None if int(n) < 0 else int(n) for n in each["shape"]),
                each["name"],
            )
            for each in found
        }
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise ServingError(f"{address} does not describe the model: {error}") from None
