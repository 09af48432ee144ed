r"""Signatures of autoencoders: codes to reconstructions, and new samples.

A variational autoencoder draws a code from its prior and decodes it:

.. math::

    z \sim \mathcal{N}(0, I), \quad \hat{x} = \sigma(g(z))
"""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from export.samples import Batch
from export.signature import Signature, signature_of
from export.signatures.base import AnySignature, Computed
from zoo.inference.autoencoders import decoder
from zoo.runs.trained import Trained

_LARGEST_SEED = 2**31


@dataclasses.dataclass(frozen=True)
class Sample(Computed):
    """Draws a code for each seed, by the Philox generator, and decodes it.

    Args:
        decode: The signature that decodes, with one input and one output.
    """

    decode: Signature

    description = "seeds to codes drawn from the prior, and what they decode to"
    needs_tensorflow = True

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of the one input."""
        return (tf.TensorSpec((None,), tf.int64, name="seed"),)

    def sample(self, batch_size: int) -> Batch:
        """Draws seeds, the same at each call."""
        generator = np.random.default_rng(batch_size)
        return {"seed": generator.integers(_LARGEST_SEED, size=batch_size)}

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs."""
        codes = np.array([self._draw(seed) for seed in inputs["seed"]])
        return self._named(codes, self.decode({str(self._code.name): codes}))

    def traced(self, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        codes = tf.map_fn(self._draw, seed, fn_output_signature=tf.float32)
        codes.set_shape((None, *self._code.shape[1:]))
        return self._named(codes, self.decode.within(codes))

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return self.decode.resources()

    @property
    def _code(self) -> tf.TensorSpec:
        return self.decode.inputs[0]

    def _draw(self, seed: Any) -> Any:
        shape = [size for size in self._code.shape[1:] if size is not None]
        return tf.random.stateless_normal(shape, tf.stack([seed, 0]), alg="philox")

    def _named(self, codes: Any, decoded: Any) -> dict[str, Any]:
        return {"sample": decoded["reconstruction"], str(self._code.name): codes}


def signatures(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `decode`."""
    return {"decode": _decode(source)}


def generating(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `decode` and `sample`."""
    decode = _decode(source)
    return {"decode": decode, "sample": Sample(decode)}


def _decode(source: Trained) -> Signature:
    signature = signature_of(decoder(source.model))
    return dataclasses.replace(signature, description="codes to reconstructions")
