"""An engine, and another one that is loaded when a signature needs it."""

import threading
from collections.abc import Callable, Collection, Mapping

import numpy as np

from serving.engines.base import Engine, Traits
from serving.errors import StatusError
from serving.protocol.signature_def import SignatureDef


class OnDemandEngine(Engine):
    """Answers some signatures with one engine, the others with a second one.

    The second engine is loaded by the first call that needs it.

    Args:
        first: The loaded engine.
        names: The signatures that it answers.
        others: The signatures that the second engine answers.
        second: The class of the second engine.
        load: Loads the second engine; raises StatusError when it cannot.
    """

    artifact = ""

    def __init__(
        self,
        first: Engine,
        names: Collection[str],
        others: Mapping[str, SignatureDef],
        second: type[Engine],
        load: Callable[[], Engine],
    ) -> None:
        self.name = f"{first.name}, {second.name} on demand" if others else first.name
        self.is_single_threaded = first.is_single_threaded
        self.signatures = {**{name: first.signatures[name] for name in names}, **others}
        self._first = first
        self._others = others
        self._load = load
        self._loading = threading.Lock()
        self._second: Engine | None = None
        self._failure: StatusError | None = None

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `Engine.predict`."""
        if signature_name in self._others:
            return self._loaded().predict(signature_name, inputs)
        return self._first.predict(signature_name, inputs)

    def predict_jointly(
        self, signature_names: Collection[str], inputs: Mapping[str, np.ndarray]
    ) -> dict[str, dict[str, np.ndarray]]:
        """See `Engine.predict_jointly`."""
        if self._others.keys().isdisjoint(signature_names):
            return self._first.predict_jointly(signature_names, inputs)
        if self._others.keys() >= set(signature_names):
            return self._loaded().predict_jointly(signature_names, inputs)
        return super().predict_jointly(signature_names, inputs)

    def traits(self, signature_name: str) -> Traits:
        """See `Engine.traits`; of the second engine nothing is known."""
        if signature_name in self._others:
            return Traits()
        return self._first.traits(signature_name)

    def is_ready(self, signature_name: str) -> bool:
        """See `Engine.is_ready`."""
        return signature_name not in self._others or self._second is not None

    def close(self) -> None:
        """See `Engine.close`."""
        self._first.close()
        with self._loading:
            if self._second is not None:
                self._second.close()

    def _loaded(self) -> Engine:
        with self._loading:
            if self._failure is not None:
                raise self._failure
            if self._second is None:
                try:
                    self._second = self._load()
                except StatusError as error:
                    self._failure = error
                    raise
            return self._second
