"""The interface of a format."""

import abc
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from export.errors import ExportError
from zoo.bounds import read_bytes

if TYPE_CHECKING:
    import numpy as np
    from google.protobuf.message import Message

    from export.signatures.base import AnySignature

LARGEST_PROTOBUF = 2**31 - 1  # bytes
Batch = dict[str, "np.ndarray"]
Reference = dict[str, list[tuple[Batch, Batch]]]
M = TypeVar("M", bound="Message")


@dataclasses.dataclass(frozen=True)
class Compression:
    """A way to make an artifact smaller, at a loss.

    Args:
        kind: `int8` or `float16`, the type of the stored weights.
        calibration: Batches of inputs that the range of activations is measured on, so
            that these are computed in `int8` as well; only the weights are without.
    """

    kind: str
    calibration: "list[Batch] | None" = None


class Format(abc.ABC):
    """A way to store a model, and to compute with what is stored.

    A subclass sets `name` and `artifact`, defines `write` and `predict`, and is
    decorated with `@export.register_format`.

    Attributes:
        name: What `formats=`, `--formats` and the manifest call it.
        artifact: The file that it writes and an engine loads, relative to the folder.
        signature_names: Signatures that it holds where a model has them; None for all,
            those that take strings included.
        packages: Distributions whose versions go into the manifest.
    """

    name: ClassVar[str]
    artifact: ClassVar[str]
    signature_names: ClassVar[tuple[str, ...] | None] = ("serving_default",)
    packages: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def write(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        metadata: Mapping[str, str],
    ) -> None:
        """Writes `artifact`, and what it needs beside it, into `folder`.

        Args:
            signatures: By name, those that `select` keeps. `signatures[...].concrete`
                is a TensorFlow function that returns a dictionary of the outputs;
                `signatures["serving_default"].call.model` is the Keras model.
            folder: Holds nothing but the files of other formats.
            metadata: Name, task, dataset, labels (as JSON) and preprocessing of the
                model, for formats that have a place for them.

        Raises:
            ExportError: If the format cannot express the model.
        """

    @abc.abstractmethod
    def predict(
        self, folder: Path, requests: Iterable[tuple[str, Batch]]
    ) -> Iterator[Batch]:
        """Computes outputs with what `write` left in `folder`, and nothing else.

        Args:
            folder: Of the artifact.
            requests: Pairs of the name of a signature and a batch of its inputs.

        Yields:
            The outputs of each request, in order.

        Raises:
            ExportError: If the artifact has no such signature.
        """

    def compress(
        self,
        signatures: "Mapping[str, AnySignature]",
        folder: Path,
        compression: Compression,
    ) -> None:
        """Replaces what `write` left by a smaller form.

        Raises:
            ExportError: If the format has no such form.
        """
        raise ExportError(
            f"The format {self.name!r} has no {compression.kind} form; leave it out of "
            "the formats (`--formats onnx`)."
        )

    def write_reference(  # noqa: B027  (most formats have no convention for it)
        self, folder: Path, reference: "Reference"
    ) -> None:
        """Writes the reference as runtimes of the format read it; nothing by default.

        Args:
            folder: Of the artifact.
            reference: By signature, batches of inputs with the model's outputs.
        """

    def check_reference(  # noqa: B027  (as above)
        self, folder: Path, reference: "Reference"
    ) -> None:
        """Checks what `write_reference` wrote, where it is there.

        Raises:
            ExportError: If it is something else.
        """

    def remove(self, folder: Path) -> None:
        """Removes what `write` left, if it left anything."""
        (folder / self.artifact).unlink(missing_ok=True)

    def describe(self, folder: Path) -> dict[str, Any]:
        """Returns what the files in `folder` say of themselves, without loading them.

        `verify` compares it with the manifest. A format whose files say nothing keeps
        this method.

        Args:
            folder: Of the artifact.

        Returns:
            `{"signatures": {name: {"inputs": {input: {"dtype": ..., "shape": ...}},
            "outputs": ...}}, "metadata": {...}}` with the texts that `write` was given
            as `metadata`; without the key of what they do not say. A size that is
            open is None, and so is a shape of unknown rank.

        Raises:
            ExportError: If a file cannot be read.
        """
        return {}

    def select(
        self, signatures: "Mapping[str, AnySignature]"
    ) -> "dict[str, AnySignature]":
        """Returns the signatures that the format can express."""
        names = self.signature_names
        return {k: v for k, v in signatures.items() if names is None or k in names}

    def held(self, signatures: Mapping[str, Any]) -> dict[str, Any]:
        """Returns those of a manifest's signatures that the artifact has in the format.

        Args:
            signatures: `{name: {"formats": [...], ...}}`.
        """
        return {k: v for k, v in signatures.items() if self.name in v["formats"]}

    def missing_signature(self, name: str, inputs: Batch) -> ExportError:
        """Returns the error of a request that the artifact has no signature for."""
        return ExportError(
            f"The {self.name} artifact has no signature {name!r} that takes "
            f"{sorted(inputs)}."
        )


def read_protobuf(path: Path, kind: type[M]) -> M:
    """Reads a file that holds one protobuf message.

    Raises:
        ExportError: If it cannot be read, or is not such a message.
    """
    from google.protobuf.message import DecodeError

    try:
        size = path.stat().st_size
        if size > LARGEST_PROTOBUF:
            raise ExportError(
                f"{path} has {size:,} bytes; a protobuf has 2 GiB at most."
            )
        return kind.FromString(read_bytes(path))
    except (OSError, DecodeError) as error:
        raise ExportError(f"{path} is damaged ({error}); export again.") from error
