"""Signatures of word embeddings: analogies of token ids, and of words."""

import dataclasses

import keras
from keras import ops

from export.signature import Signature, signature_of
from export.signatures.base import AnySignature
from export.text_signature import of_strings
from zoo.runs.trained import Trained
from zoo.tasks.analogy import TERMS, Analogy


def signatures(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `analogy`, and `analogy_text` of a model with a vocabulary.

    A vocabulary that is too small for an answer has neither.
    """
    analogy = Analogy(source.model.get_layer("embedding"))
    if analogy.count < 1:
        return {}
    tokens = keras.Input((TERMS,), dtype="int32", name="tokens")
    answers, similarities = analogy(tokens)
    outputs = {"answers": ops.cast(answers, "int64"), "similarities": similarities}
    model = keras.Model(tokens, outputs, name=f"{source.model.name}_analogy")
    described = "words a, b and c to the words that are to c as b is to a"
    of_ids = dataclasses.replace(signature_of(model), description=described)
    found: dict[str, AnySignature] = {"analogy": of_ids}
    if source.vocabulary is not None:
        names = {"answers": ("answers", source.vocabulary.tokens)}
        found["analogy_text"] = of_strings(source, of_ids, names)
    return found
