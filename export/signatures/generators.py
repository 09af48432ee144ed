r"""Signatures of models that generate samples: `sample`, and of GANs `generate`.

.. math::

    z \sim \mathcal{N}(0, I), \quad \hat{x} = g(z)
"""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from export.samples import Batch
from export.signature import Signature, signature_of
from export.signatures import squares
from export.signatures.base import AnySignature, Computed
from zoo.inference.generators import generator
from zoo.inference.squares import standard_normal
from zoo.runs.trained import Trained

_LARGEST_SEED = 2**31


@dataclasses.dataclass(frozen=True)
class Sample(Computed):
    """Draws a code for each seed by a counter-based generator, and the sample of it.

    Args:
        generate: The signature from a code, and the class of a conditional generator,
            to a sample.
    """

    generate: Signature

    description = "seeds to codes drawn from the prior, and the samples of these"

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of the seed, and of what else the generator takes."""
        return (tf.TensorSpec((None,), tf.int64, name="seed"), *self._others)

    def sample(self, batch_size: int) -> Batch:
        """Draws seeds, the same at each call."""
        drawn = self.generate.sample(batch_size)
        seeds = np.random.default_rng(batch_size).integers(
            _LARGEST_SEED, size=batch_size
        )
        return {"seed": seeds} | {k: v for k, v in drawn.items() if k != "code"}

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs."""
        others = {k: v for k, v in inputs.items() if k != "seed"}
        codes = standard_normal(inputs["seed"], self._latents)
        return self.generate({"code": codes, **others}) | {"code": codes}

    def traced(self, seed: tf.Tensor, *others: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        codes = squares.standard_normal(seed, self._latents)
        given = dict(zip((str(s.name) for s in self._others), others, strict=True))
        given["code"] = codes
        inputs = [given[str(spec.name)] for spec in self.generate.inputs]
        return self.generate.within(*inputs) | {"code": codes}

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return self.generate.resources()

    @property
    def _others(self) -> list[tf.TensorSpec]:
        return [spec for spec in self.generate.inputs if spec.name != "code"]

    @property
    def _latents(self) -> int:
        (code,) = (spec for spec in self.generate.inputs if spec.name == "code")
        size = code.shape[-1]
        assert size is not None
        return size


def adversarial(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `generate` and `sample`."""
    return {"generate": _generate(source)} | sampling(source, whole)


def sampling(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `sample`."""
    return {"sample": Sample(_generate(source))}


def _generate(source: Trained) -> Signature:
    signature = signature_of(generator(source.model))
    return dataclasses.replace(signature, description="codes to samples")
