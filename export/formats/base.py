"""The interface of a format."""

import abc
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from export.errors import ExportError

if TYPE_CHECKING:
    import numpy as np

    from export.text_signature import AnySignature

Batch = dict[str, "np.ndarray"]
T = TypeVar("T")


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
            signatures: By name, those that `select` keeps. `signatures[...].model` is
                a Keras model that returns a dictionary of the outputs,
                `signatures[...].function()` the same as a TensorFlow function.
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

    def select(self, signatures: Mapping[str, T]) -> dict[str, T]:
        """Returns the signatures that the format holds."""
        names = self.signature_names
        return {k: v for k, v in signatures.items() if names is None or k in names}

    def missing_signature(self, name: str, inputs: Batch) -> ExportError:
        """Returns the error of a request that the artifact has no signature for."""
        return ExportError(
            f"The {self.name} artifact has no signature {name!r} that takes "
            f"{sorted(inputs)}."
        )
