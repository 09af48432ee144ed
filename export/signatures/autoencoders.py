"""The signature of autoencoders that is no output of the whole model: `decode`."""

import dataclasses

from export.signature import Signature, signature_of
from export.signatures import generators
from export.signatures.base import AnySignature
from zoo.inference.autoencoders import decoder
from zoo.runs.trained import Trained


def signatures(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `decode`."""
    signature = signature_of(decoder(source.model))
    described = dataclasses.replace(signature, description="codes to reconstructions")
    return {"decode": described}


def generating(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `decode`, and `sample` of a variational autoencoder."""
    return signatures(source, whole) | generators.sampling(source, whole)
