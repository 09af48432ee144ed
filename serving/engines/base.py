"""The interface of an engine."""

import abc
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from serving.protocol.signature_def import Signature


class Engine(abc.ABC):
    """One loaded version: signatures and the function behind each.

    `predict` may be called from several threads at once.
    """

    name: ClassVar[str]
    signatures: Mapping[str, Signature]

    @abc.abstractmethod
    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Runs one signature on arrays that fit its inputs.

        Strings are `bytes` in object arrays, both ways.

        Raises:
            StatusError: INVALID_ARGUMENT when the model refuses the values.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Frees the model; nothing may be called afterwards."""
