"""ONNX: what ONNX Runtime, and servers built on it, load."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from export.errors import ExportError
from export.formats import register_format
from export.formats.base import Batch, Compression, Format, Reference
from export.onnx_file import (
    DEFAULT_SIGNATURE,
    SIGNATURE_PROPERTY,
    describe_signatures,
    read_onnx,
)
from zoo.bounds import parse_json

if TYPE_CHECKING:
    import numpy as np
    import onnx
    from onnxruntime import InferenceSession

    from export.signatures.base import AnySignature

OPSET = 18
OPSETS = range(13, 19)


@register_format
class Onnx(Format):
    """`model.onnx`, and `onnx/<signature>/model.onnx` for the others.

    Open axes are called `batch`, `time`, `height` and `width`.

    Args:
        opset: Version of the operators, 13 to 18.
    """

    name = "onnx"
    artifact = "model.onnx"
    signature_names = None
    packages = ("tf2onnx", "onnx")

    def __init__(self, opset: int = OPSET) -> None:
        if opset not in OPSETS:
            raise ExportError(
                f"`opset` must be {OPSETS[0]} to {OPSETS[-1]}. Received: {opset}"
            )
        self.opset = opset

    def write(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        metadata: Mapping[str, str],
    ) -> None:
        """See `Format.write`; `metadata` becomes the model's `metadata_props`."""
        import onnx

        from export.onnx_conversion.finishing import finished
        from export.onnx_conversion.parts import Conversions

        conversions = Conversions(self.opset)
        for name, signature in signatures.items():
            model = finished(conversions.of(signature), signature, metadata)
            path = self._path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            onnx.save(model, path)

    def compress(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        compression: Compression,
    ) -> None:
        """See `Format.compress`; calibration data is of `serving_default`."""
        from export.onnx_conversion import compressing

        default = signatures[DEFAULT_SIGNATURE]
        for name, signature in signatures.items():
            fits = signature.inputs == default.inputs
            of_it = compression if fits else Compression(compression.kind)
            compressing.compress(self._path(folder, name), of_it)

    def remove(self, folder: Path) -> None:
        """See `Format.remove`."""
        super().remove(folder)
        shutil.rmtree(folder / "onnx", ignore_errors=True)

    def write_reference(self, folder: Path, reference: Reference) -> None:
        """See `Format.write_reference`; `test_data_set_<i>`, as in the ONNX zoo."""
        from export.onnx_conversion.reference_data import write_reference_data

        for name, pairs in reference.items():
            if self._path(folder, name).is_file():
                write_reference_data(self._path(folder, name), pairs)

    def check_reference(self, folder: Path, reference: Reference) -> None:
        """See `Format.check_reference`."""
        from export.onnx_conversion.reference_data import check_reference_data

        for name, pairs in reference.items():
            if self._path(folder, name).is_file():
                check_reference_data(self._path(folder, name), pairs)

    def predict(
        self, folder: Path, requests: Iterable[tuple[str, Batch]]
    ) -> Iterator[Batch]:
        """See `Format.predict`."""
        sessions: dict[str, tuple[InferenceSession, set[str], list[str]]] = {}
        for name, inputs in requests:
            if name not in sessions and self._path(folder, name).is_file():
                sessions[name] = _session(self._path(folder, name))
            if name not in sessions or inputs.keys() != sessions[name][1]:
                raise self.missing_signature(name, inputs)
            session, _, output_names = sessions[name]
            outputs = session.run(output_names, inputs)
            yield dict(zip(output_names, map(_as_text, outputs), strict=True))

    def select(
        self, signatures: "Mapping[str, AnySignature]"
    ) -> "dict[str, AnySignature]":
        """See `Format.select`; it leaves out those of TensorFlow's own operators."""
        return {k: v for k, v in signatures.items() if not v.needs_tensorflow}

    def _path(self, folder: Path, name: str) -> Path:
        if name == DEFAULT_SIGNATURE:
            return folder / self.artifact
        return folder / "onnx" / name / self.artifact

    def describe(self, folder: Path) -> dict[str, Any]:
        """See `Format.describe`; `onnx/<signature>/model.onnx` is a signature, too."""
        signatures: dict[str, Any] = {}
        metadata: dict[str, dict[str, str]] = {}
        others = sorted(folder.glob(f"onnx/*/{self.artifact}"))
        for path in (folder / self.artifact, *others):
            model = read_onnx(path)
            _check_weights(path, model)
            name = path.parent.name if path in others else DEFAULT_SIGNATURE
            (only,) = describe_signatures(model).values()
            stated = {each.key: each.value for each in model.metadata_props}
            signatures[name] = only | _stated(path, stated.get(SIGNATURE_PROPERTY))
            metadata[path.relative_to(folder).as_posix()] = stated
        return {
            "signatures": signatures,
            "metadata": metadata.pop(self.artifact),
            "metadata_of_others": metadata,
        }


def _stated(path: Path, text: str | None) -> dict[str, Any]:
    """Returns what a file states of its signature, as `{"stated": {...}}`."""
    if text is None:
        return {}
    try:
        return {"stated": parse_json(text)}
    except ValueError as error:
        raise ExportError(
            f"{path} is damaged: its {SIGNATURE_PROPERTY} is no JSON ({error}); export "
            "again."
        ) from error


def _check_weights(path: Path, model: "onnx.ModelProto") -> None:
    """Refuses a file whose `weights_sha256` is the hash of other weights."""
    from export.onnx_conversion.hashing import WEIGHTS_SHA256, weights_sha256

    try:
        stated = [e.value for e in model.metadata_props if e.key == WEIGHTS_SHA256]
        actual = weights_sha256(model) if stated else ""
    except (TypeError, ValueError) as error:
        raise ExportError(f"{path} is damaged ({error}); export again.") from error
    for value in stated:
        if value != actual:
            raise ExportError(
                f"{path} says that its {WEIGHTS_SHA256} is {value[:80]!r}, which "
                "is not that of its constants; export again."
            )


def _session(path: Path) -> "tuple[InferenceSession, set[str], list[str]]":
    """Returns a session with the names of its inputs and outputs."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    inputs = {each.name for each in session.get_inputs()}
    return session, inputs, [each.name for each in session.get_outputs()]


def _as_text(array: "np.ndarray") -> "np.ndarray":
    return array.astype(str) if array.dtype == object else array
