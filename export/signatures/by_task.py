"""All signatures of a model: those of its task, and those of its kind of input."""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras

from export.given_samples import given, own_data
from export.signature import NAME, Signature, signature_of
from export.signatures import (
    autoencoders,
    captions,
    columns,
    examples,
    generators,
    images,
    labels,
    language_models,
    logits,
    names,
    translation,
    word_vectors,
)
from export.signatures.base import AnySignature
from export.text_signature import NAME as TEXT
from export.text_signature import text_signature
from zoo import tasks
from zoo.runs.trained import Trained

_Signatures = dict[str, AnySignature]
# What a task has besides some of its outputs.
_OF_TASK: dict[str, Callable[[Trained, Signature], _Signatures]] = {
    "adversarial": generators.adversarial,
    "captioning": captions.signatures,
    "embedding": word_vectors.signatures,
    "generation": autoencoders.generating,
    "language_modelling": language_models.signatures,
    "reconstruction": autoencoders.signatures,
    "translation": translation.signatures,
}


def signatures_of(source: Trained, sample: Any = None) -> _Signatures:
    """Returns the signatures of a model by name.

    A model that is not one of the zoo's has its own call as `serving_default`, and
    `serve_bytes`, `classify` and `regress` where its layers say what these are.

    Args:
        source: The model.
        sample: Arguments of a call that a user gives; batches are drawn without them.

    Raises:
        ExportError: If the model cannot be called or traced, or the sample not fit.
    """
    whole = _whole(source, sample)
    if source.task is None:
        found: _Signatures = {NAME: whole}
    else:
        found = _by_task(source, whole)
    found |= images.signatures(source, found)
    return found | examples.signatures(source, found)


def _whole(source: Trained, sample: Any) -> Signature:
    """Returns the signature with all outputs of the model, or of its task."""
    model = source.model
    if source.task is not None:
        outputs = tasks.get(source.task).outputs(model) | logits.outputs(source)
        model = keras.Model(model.inputs, outputs, name=model.name)
    if sample is not None:
        return signature_of(model, sample, lambda call: given(call, sample))
    signature = signature_of(model)
    data = own_data(source, signature.call)
    return dataclasses.replace(signature, data=data)


def _by_task(source: Trained, whole: Signature) -> _Signatures:
    task = tasks.get(source.task or "")
    outputs = tuple(task.outputs(source.model))
    default = whole.with_outputs(outputs, f"all outputs of {task.name}")
    found: _Signatures = {NAME: default}
    text = text_signature(source, default)
    if text:
        found[TEXT] = text
    for name, selection in task.signatures.items():
        found[name] = whole.with_outputs(*selection)
    found |= logits.signatures(source, whole)
    named = labels.signatures(source, default)
    found |= named | names.signatures(source, default)
    found |= columns.signatures(source, default, named.get(labels.NAME))
    more = _OF_TASK.get(task.name)
    return found | (more(source, whole) if more else {})
