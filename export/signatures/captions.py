"""Signatures of captioners: an image to a sentence, and the steps that it takes.

See `export.signatures.beam_search` for the search.
"""

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from custom_layers import AttentionDecoder
from export.samples import Batch
from export.signature import Signature, signature_of
from export.signatures import requests
from export.signatures.base import AnySignature, Computed
from export.signatures.beam_search import OPTIONS, BeamSearch, draw_options
from zoo.datasets.captions import END, words_of
from zoo.runs.trained import Trained

MOST = 16  # sentences that are searched at once


@dataclasses.dataclass(frozen=True)
class Caption(Computed):
    """Describes images, each with its own beam width, temperature and seed.

    Args:
        search: Searches sentences.
        labels: Words in the order of their ids.
    """

    search: BeamSearch
    labels: tuple[str, ...]

    description = (
        f"a sentence about each image, by beam search with a width of 1 to {MOST}; at "
        "a temperature above 0 the most probable of as many sampled sentences"
    )
    needs_tensorflow = True

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of each input."""
        return (*self.search.encode.inputs, *OPTIONS)

    def sample(self, batch_size: int) -> Batch:
        """Draws images, and widths and temperatures of several kinds."""
        return self.search.encode.sample(batch_size) | draw_options(batch_size)

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs, image by image."""
        rows = zip(*(inputs[str(spec.name)] for spec in self.inputs), strict=True)
        found = [self.search.of_row(*row) for row in rows]
        sentences = [" ".join(words_of(ids, self.labels)) for ids, _ in found]
        scores = [score for _, score in found]
        return {"caption": np.array(sentences), "score": np.array(scores, "float32")}

    def traced(
        self,
        image: tf.Tensor,
        beam_width: tf.Tensor,
        temperature: tf.Tensor,
        seed: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        with tf.control_dependencies([requests.has_rows("image", image)]):
            image = tf.identity(image)
        inputs = self.search.checked("image", image, beam_width, temperature, seed)
        ids, score = self.search.of_rows(*inputs)
        is_written = tf.math.cumprod(tf.cast(ids != END, tf.int32), axis=1) > 0
        words = tf.gather(tf.constant(self.labels), ids)
        rows_of_words = tf.ragged.boolean_mask(words, is_written)
        caption = tf.strings.reduce_join(rows_of_words, axis=1, separator=" ")
        return {"caption": caption, "score": score}

    def resources(self) -> list[Any]:
        """Returns the variables that the graph reads."""
        return self.search.resources()


def signatures(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `encode` and `step` of a captioner, and `caption` of a trained one."""
    model = source.model
    decoders = [x for x in model.layers if isinstance(x, AttentionDecoder)]
    if len(decoders) != 1:
        return {}
    (decoder,) = decoders
    encode = dataclasses.replace(
        signature_of(_encoder(model, decoder)),
        description="images to the features of their regions, the keys of these, and "
        "the first state of the decoder",
    )
    step = dataclasses.replace(
        signature_of(_step(decoder)),
        description="one token and the state before it, to the logits of the next "
        "token, the next state, and the attention to each region; the token 0 begins "
        "a sentence and ends it",
    )
    found: dict[str, AnySignature] = {"encode": encode, "step": step}
    if source.labels:
        # The same token begins a sentence and ends it.
        search = BeamSearch(encode, step, decoder.length, END, END, MOST)
        found["caption"] = Caption(search, tuple(source.labels))
    return found


def _encoder(model: keras.Model, decoder: AttentionDecoder) -> keras.Model:
    features = decoder.input
    keys, state = decoder.begin(features)
    outputs = {"features": features, "keys": keys, "state": state}
    return keras.Model(model.inputs, outputs, name=f"{model.name}_encoder")


def _step(decoder: AttentionDecoder) -> keras.Model:
    regions, features = decoder.input.shape[1:]
    token = keras.Input((), dtype="int32", name="token")
    inputs = {
        "token": token,
        "state": keras.Input((decoder.units,), name="state"),
        "features": keras.Input((regions, features), name="features"),
        "keys": keras.Input((regions, decoder.units), name="keys"),
    }
    before = decoder.embedding(token)
    logits, state, weights = decoder.step(
        before, *(inputs[name] for name in ("state", "features", "keys"))
    )
    outputs = {"logits": logits, "next_state": state, "attention": weights}
    return keras.Model(inputs, outputs, name="decoder_step")
