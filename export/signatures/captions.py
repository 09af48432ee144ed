r"""Signatures of captioners: an image to a sentence, and the steps that it takes.

Beam search keeps the `beam_width` most probable beginnings of a sentence,

.. math::

    \log p(y_{1..t} \mid x) = \sum_{i \le t} \log p(y_i \mid y_{1..i-1}, x)

and answers with the one whose mean over its tokens is the largest at the end. At a
temperature :math:`T > 0` as many sentences are sampled from
:math:`p_k \propto e^{l_k / T}` instead.
"""

import dataclasses
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from custom_layers import AttentionDecoder
from export.samples import Batch
from export.signature import Signature, signature_of
from export.signatures.base import AnySignature, Computed
from zoo.datasets.captions import END, words_of
from zoo.runs.trained import Trained

MOST = 16  # sentences that are searched at once
_LOW = -1e9  # log-probability of what is excluded
_SHARED = ("features", "keys")


@dataclasses.dataclass(frozen=True)
class Caption(Computed):
    """Describes images, each with its own beam width, temperature and seed.

    Args:
        encode: The signature that images begin with.
        step: The signature of one step.
        labels: Words in the order of their ids.
        length: Tokens of a sentence at most.
    """

    encode: Signature
    step: Signature
    labels: tuple[str, ...]
    length: int

    description = (
        f"a sentence about each image, by beam search with a width of 1 to {MOST}; at "
        "a temperature above 0 the most probable of as many sampled sentences"
    )
    needs_tensorflow = True

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of each input."""
        types = {"beam_width": tf.int32, "temperature": tf.float32, "seed": tf.int64}
        more = (tf.TensorSpec((None,), types[name], name=name) for name in types)
        return (*self.encode.inputs, *more)

    def sample(self, batch_size: int) -> Batch:
        """Draws images, and widths and temperatures of several kinds."""
        generator = np.random.default_rng(batch_size)
        return self.encode.sample(batch_size) | {
            "beam_width": np.resize(np.array([1, 3, 2], "int32"), batch_size),
            "temperature": np.resize(np.array([0, 0, 0.7], "float32"), batch_size),
            "seed": generator.integers(2**31, size=batch_size),
        }

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs, image by image and sentence by sentence."""
        image = str(self.encode.inputs[0].name)
        found = [
            self._described(inputs[image][row], *(int(inputs["beam_width"][row]),
            float(inputs["temperature"][row]), inputs["seed"][row]))
            for row in range(len(inputs[image]))
        ]  # fmt: skip
        sentences, scores = zip(*found, strict=True)
        return {"caption": np.array(sentences), "score": np.array(scores, "float32")}

    def _described(
        self, image: np.ndarray, width: int, temperature: float, seed: int
    ) -> tuple[str, float]:
        name = str(self.encode.inputs[0].name)
        first = self.encode({name: image[np.newaxis]})
        shared = {key: first[key] for key in _SHARED}
        uniforms = np.asarray(_uniforms(seed, self.length))
        held = [((), 0.0, first["state"])]  # tokens, log-probability and state
        if temperature:
            held *= width
        for place in range(self.length):
            found = []
            for beam, (tokens, score, state) in enumerate(held):
                if END in tokens:
                    found.append((tokens, score, state))
                    continue
                token = np.array([tokens[-1] if tokens else END], "int32")
                answer = self.step({"token": token, "state": state, **shared})
                logits = answer["logits"][0].astype("float64")
                above = logits - logits.max()
                shares = above - np.log(np.exp(above).sum())
                following = np.arange(len(shares))
                if temperature:
                    cumulative = np.cumsum(np.exp(above / temperature))
                    target = uniforms[beam, place] * cumulative[-1]
                    following = [int((cumulative <= target).sum())]
                found += [
                    ((*tokens, int(k)), score + shares[k], answer["next_state"])
                    for k in following
                ]
            held = found
            if not temperature:
                held = sorted(found, key=lambda each: -each[1])[:width]
        means = [score / len(tokens) for tokens, score, _ in held]
        best = int(np.argmax(means))
        return " ".join(words_of(held[best][0], self.labels)), means[best]

    def traced(
        self,
        image: tf.Tensor,
        beam_width: tf.Tensor,
        temperature: tf.Tensor,
        seed: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        with tf.control_dependencies(_checks(beam_width, temperature)):
            width = tf.maximum(tf.reduce_max(beam_width), 1)
        rows, count = tf.shape(image)[0], len(self.labels)
        first = self.encode.within(image)
        first = {key: tf.repeat(each, width, axis=0) for key, each in first.items()}
        state = first["state"]
        is_sampled = (temperature > 0)[:, tf.newaxis]
        beams = tf.range(width)[tf.newaxis]
        is_asked = beams < beam_width[:, tf.newaxis]
        begins = is_asked & (is_sampled | (beams == 0))
        scores = tf.where(begins, tf.zeros((), tf.float64), _LOW)
        uniforms = tf.map_fn(
            lambda each: _uniforms(each, self.length)[:width],
            seed,
            fn_output_signature=tf.TensorSpec((None, self.length), tf.float64),
        )
        scale = tf.cast(tf.where(temperature > 0, temperature, 1), tf.float64)
        token = tf.zeros((rows, width), tf.int32)
        ids = tf.zeros((rows, width, 0), tf.int32)
        is_done = tf.zeros((rows, width), tf.bool)
        counts = tf.zeros((rows, width), tf.float64)
        ended = tf.where(tf.range(count) == END, tf.zeros((), tf.float64), _LOW)
        for place in range(self.length):
            taken = {"token": tf.reshape(token, [-1]), "state": state, **first}
            taken["state"] = state
            answer = self.step.within(*(taken[str(s.name)] for s in self.step.inputs))
            logits = tf.reshape(answer["logits"], (rows, width, count))
            logits = tf.cast(logits, tf.float64)
            shares = tf.where(
                tf.expand_dims(is_done, -1), ended, tf.nn.log_softmax(logits)
            )
            total = tf.reshape(tf.expand_dims(scores, -1) + shares, (rows, -1))
            best, places = tf.math.top_k(total, width)
            above = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
            cumulative = tf.cumsum(tf.exp(above / scale[:, None, None]), axis=-1)
            target = uniforms[:, :, place, None] * cumulative[..., -1:]
            drawn = tf.reduce_sum(tf.cast(cumulative <= target, tf.int32), axis=-1)
            drawn = tf.where(is_done, END, drawn)
            drawn_score = tf.gather(shares, drawn, batch_dims=2)
            token = tf.where(is_sampled, drawn, places % count)
            beam = tf.where(is_sampled, beams, places // count)
            scores = tf.where(is_sampled, scores + drawn_score, best)
            scores = tf.where(is_asked, scores, _LOW)
            ids, is_done, counts = (
                tf.gather(each, beam, batch_dims=1) for each in (ids, is_done, counts)
            )
            ids = tf.concat([ids, tf.expand_dims(token, -1)], axis=-1)
            counts += tf.cast(~is_done, tf.float64)
            is_done |= token == END
            state = tf.reshape(answer["next_state"], (rows, width, -1))
            state = tf.gather(state, beam, batch_dims=1)
            state = tf.reshape(state, (rows * width, -1))
        means = scores / counts
        best = tf.argmax(means, axis=1)
        ids = tf.gather(ids, best, batch_dims=1)
        is_written = tf.math.cumprod(tf.cast(ids != END, tf.int32), axis=1) > 0
        words = tf.gather(tf.constant(self.labels), ids)
        rows_of_words = tf.ragged.boolean_mask(words, is_written)
        return {
            "caption": tf.strings.reduce_join(rows_of_words, axis=1, separator=" "),
            "score": tf.cast(tf.gather(means, best, batch_dims=1), tf.float32),
        }

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return [*self.encode.resources(), *self.step.resources()]


def _checks(beam_width: tf.Tensor, temperature: tf.Tensor) -> list[Any]:
    return [
        tf.debugging.Assert(
            tf.reduce_all((beam_width >= 1) & (beam_width <= MOST)),
            [f"`beam_width` must be between 1 and {MOST}"],
        ),
        tf.debugging.Assert(
            tf.reduce_all((temperature >= 0) & tf.math.is_finite(temperature)),
            ["`temperature` must be 0 or more, and finite"],
        ),
    ]


def _uniforms(seed: Any, length: int) -> tf.Tensor:
    """Returns the numbers that tokens are drawn by, the same for a seed."""
    seeds = tf.stack([seed, 0])
    return tf.random.stateless_uniform(
        (MOST, length), seeds, dtype="float64", alg="philox"
    )


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
        found["caption"] = Caption(encode, step, tuple(source.labels), decoder.length)
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
