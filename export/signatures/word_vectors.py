"""A signature of word embeddings: analogies."""

import dataclasses

import keras
from keras import ops

from export.signature import Signature, signature_of
from export.signatures.base import AnySignature
from zoo.runs.trained import Trained
from zoo.tasks.analogy import TERMS, Analogy


def signatures(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `analogy`, of a vocabulary that is large enough for an answer."""
    analogy = Analogy(source.model.get_layer("embedding"))
    if analogy.count < 1:
        return {}
    tokens = keras.Input((TERMS,), dtype="int32", name="tokens")
    answers, similarities = analogy(tokens)
    outputs = {"answers": ops.cast(answers, "int64"), "similarities": similarities}
    model = keras.Model(tokens, outputs, name=f"{source.model.name}_analogy")
    described = "words a, b and c to the words that are to c as b is to a"
    return {"analogy": dataclasses.replace(signature_of(model), description=described)}
