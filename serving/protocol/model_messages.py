"""Messages about models: which one is meant, its versions, its signatures."""

from collections.abc import Iterable, Mapping
from typing import Any

from serving.errors import invalid_argument
from serving.protocol.documents import VersionStatus
from serving.protocol.messages import message
from serving.protocol.model_spec import ModelSpec
from serving.protocol.signature_def import (
    DEFAULT_SIGNATURE_NAME,
    SignatureDef,
    TensorInfo,
)
from serving.protocol.tensor_proto import dtype_number, encode_tensor_proto

_ModelSpec = message("tensorflow.serving.ModelSpec")


def requested_model(request: Any) -> ModelSpec:
    """Returns the model of a message with a `ModelSpec`.

    Raises:
        StatusError: INVALID_ARGUMENT when it names none.

    Example:

    >>> request = message("tensorflow.serving.PredictRequest")()
    >>> request.model_spec.name = "lenet5"
    >>> request.model_spec.version_label = "stable"
    >>> requested_model(request)
    ModelSpec(name='lenet5', version=None, label='stable')
    """
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")
    spec = request.model_spec
    if not spec.name:
        raise invalid_argument("ModelSpec has no name specified.")
    choice = spec.WhichOneof("version_choice")
    return ModelSpec(
        spec.name,
        spec.version.value if choice == "version" else None,
        spec.version_label if choice == "version_label" else None,
    )


def echoed_model(spec: Any, version: int) -> Any:
    """Returns the `ModelSpec` message of an answer.

    Args:
        spec: That of the request.
        version: The version that has answered.
    """
    echoed = _ModelSpec(
        name=spec.name, signature_name=spec.signature_name or DEFAULT_SIGNATURE_NAME
    )
    echoed.version.value = version
    return echoed


def status_message(versions: Iterable[VersionStatus]) -> Any:
    """Returns the `GetModelStatusResponse` of the versions of a model."""
    response = message("tensorflow.serving.GetModelStatusResponse")()
    for row in versions:
        added = response.model_version_status.add(
            version=row.version, state=row.state.value
        )
        added.status.error_code = row.error_code
        added.status.error_message = row.error_message
    return response


def metadata_message(
    name: str, version: int, signatures: Mapping[str, SignatureDef]
) -> Any:
    """Returns the `GetModelMetadataResponse` with the signatures of a servable."""
    response = message("tensorflow.serving.GetModelMetadataResponse")()
    response.model_spec.name = name
    response.model_spec.version.value = version
    signature_map = message("tensorflow.serving.SignatureDefMap")()
    for key, signature in signatures.items():
        definition = signature_map.signature_def[key]
        definition.method_name = signature.method_name
        for tensors, infos in (
            (definition.inputs, signature.inputs),
            (definition.outputs, signature.outputs),
        ):
            for tensor, info in infos.items():
                _fill_tensor_info(tensors[tensor], info)
        for tensor, array in signature.defaults.items():
            encode_tensor_proto(array, definition.defaults[tensor])
    response.metadata["signature_def"].Pack(signature_map)
    return response


def check_metadata_fields(fields: Iterable[str]) -> None:
    """Checks what a `GetModelMetadataRequest` asks for.

    Raises:
        StatusError: INVALID_ARGUMENT for nothing, and for other than `signature_def`.
    """
    if not fields:
        raise invalid_argument(
            "GetModelMetadataRequest must specify at least one metadata_field"
        )
    for field in fields:
        if field != "signature_def":
            raise invalid_argument(f"Metadata field {field} is not supported")


def _fill_tensor_info(proto: Any, info: TensorInfo) -> None:
    if info.coo_sparse is None:
        proto.name = info.tensor_name
    else:
        names = proto.coo_sparse
        (
            names.values_tensor_name,
            names.indices_tensor_name,
            names.dense_shape_tensor_name,
        ) = info.coo_sparse
    proto.dtype = dtype_number(info.dtype)
    proto.tensor_shape.unknown_rank = info.shape is None
    for size in info.shape or ():
        proto.tensor_shape.dim.add(size=-1 if size is None else size)
