"""Beam search and sampling in a graph, as `zoo.tasks.beam_search` searches a row."""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from custom_layers._types import KnownShape, is_known
from export.samples import Batch
from export.signature import Signature
from export.signatures import requests
from zoo.tasks.beam_search import LOW, Decoder, search
from zoo.tasks.seq2seq import TOKEN

OPTIONS = (
    tf.TensorSpec((None,), tf.int32, name="beam_width"),
    tf.TensorSpec((None,), tf.float32, name="temperature"),
    tf.TensorSpec((None,), tf.int64, name="seed"),
)
_LOW = np.float64(LOW)


def draw_options(batch_size: int) -> Batch:
    """Draws widths and temperatures of several kinds, the same at each call."""
    generator = np.random.default_rng(batch_size)
    return {
        "beam_width": np.resize(np.array([1, 3, 2], "int32"), batch_size),
        "temperature": np.resize(np.array([0, 0, 1.5], "float32"), batch_size),
        "seed": generator.integers(2**31, size=batch_size),
    }


@dataclasses.dataclass(frozen=True)
class BeamSearch:
    """Writes tokens by an encoder and the steps of a decoder.

    Args:
        encode: The signature of the encoder, of one input.
        step: The signature of one step: from `token`, what the encoder returned, and
            states. A state `s` has the output `next_s`; zeros begin the states that the
            encoder does not.
        length: Tokens that are written, at most.
        start: Token that begins.
        end: Token that ends; those below are never written.
        widest: Beams that a request may ask for.
    """

    encode: Signature
    step: Signature
    length: int
    start: int
    end: int
    widest: int

    def of_row(
        self, source: np.ndarray, width: int, temperature: float, seed: int
    ) -> tuple[np.ndarray, float]:
        """Returns the token ids and the score of one row, as the reference."""
        name = str(self.encode.inputs[0].name)
        decoder = Decoder(
            lambda rows: self.encode({name: rows}),
            self.step,
            self._zeros,
            self.length,
            self.start,
            self.end,
        )
        uniforms = np.asarray(self._uniform(seed))[np.newaxis, :width]
        found = search(
            decoder, source[np.newaxis], int(width), float(temperature), uniforms
        )
        return found.ids[0], float(found.scores[0])

    def checked(
        self, name: str, source: tf.Tensor, widths: tf.Tensor, *more: tf.Tensor
    ) -> list[tf.Tensor]:
        """Returns the inputs of a request in a graph, behind checks of all of them."""
        names = (name, *(str(spec.name) for spec in OPTIONS))
        inputs = dict(zip(names, (source, widths, *more), strict=True))
        asserted = [
            requests.between("beam_width", widths, 1, self.widest),
            requests.is_temperature(inputs["temperature"]),
        ]
        return requests.checked(asserted, inputs)

    def of_rows(
        self, source: tf.Tensor, widths: tf.Tensor, temperature: tf.Tensor, seed: Any
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns ids and scores in a graph.

        It searches with the widest beam of all rows; the narrower ones leave beams out.
        """
        uniform = tf.map_fn(self._uniform, seed, fn_output_signature=tf.float64)
        rows, width = tf.shape(source)[0], tf.maximum(1, tf.reduce_max(widths))
        zeros = {
            name: tf.zeros((rows, *spec.shape[1:]), spec.dtype)
            for name, spec in self._begun_by_zeros().items()
        }
        inputs = {
            name: tf.repeat(tensor, width, axis=0)
            for name, tensor in (self.encode.within(source) | zeros).items()
        }
        changed = self.step.concrete.structured_outputs
        kept = {n: inputs.pop(n) for n in [*inputs] if f"next_{n}" not in changed}
        beams = tf.range(width)[tf.newaxis]
        is_beam = beams < widths[:, tf.newaxis]
        is_sampled = (temperature > 0)[:, tf.newaxis]
        is_first = is_sampled | (beams == 0)
        shape = tf.stack([rows, width])

        def goes_on(place: tf.Tensor, done: tf.Tensor, *_: Any) -> tf.Tensor:
            return (place < self.length) & ~tf.reduce_all(done | ~is_beam)

        def advance(
            place: tf.Tensor,
            done: tf.Tensor,
            token: tf.Tensor,
            ids: tf.Tensor,
            counts: tf.Tensor,
            scores: tf.Tensor,
            states: dict,
        ) -> tuple:
            taken = {TOKEN: tf.reshape(token, [-1]), **kept, **states}
            found = self.step.within(*(taken[str(s.name)] for s in self.step.inputs))
            size = found["logits"].shape[-1]
            logits = tf.cast(found["logits"], tf.float64)
            logits = tf.reshape(logits, [rows, width, size])
            logits = tf.where(tf.range(size) < self.end, _LOW, logits)
            ended = tf.where(tf.range(size) == self.end, np.float64(0), _LOW)
            log_p = tf.where(
                tf.expand_dims(done, -1), ended, tf.nn.log_softmax(logits, axis=-1)
            )
            drawn = _draw(logits, temperature, uniform[:, :width, place])
            drawn = tf.where(done, self.end, drawn)
            total = tf.reshape(tf.expand_dims(scores, -1) + log_p, [rows, -1])
            top, best = tf.math.top_k(total, width)
            beam = tf.where(is_sampled, beams, best // size)
            token = tf.where(is_sampled, drawn, best % size)
            sampled = scores + tf.gather(log_p, drawn, batch_dims=2)
            scores = tf.where(is_sampled, sampled, top)
            scores = tf.where(is_beam, scores, _LOW)
            done, ids, counts = (
                tf.gather(each, beam, batch_dims=1) for each in (done, ids, counts)
            )
            written = tf.expand_dims(tf.where(done, 0, token), -1)
            ids = tf.where(tf.range(self.length) == place, written, ids)
            counts += tf.cast(tf.logical_not(done), tf.float64)
            source_row = tf.reshape(tf.range(rows)[:, tf.newaxis] * width + beam, [-1])
            states = {
                name: tf.gather(found[f"next_{name}"], source_row) for name in states
            }
            done |= token == self.end
            return place + 1, done, token, ids, counts, scores, states

        begin = (
            0,
            tf.zeros(shape, tf.bool),
            tf.fill(shape, self.start),
            tf.zeros([rows, width, self.length], tf.int32),
            tf.zeros(shape, tf.float64),
            tf.where(is_first, tf.zeros(shape, tf.float64), _LOW),
            inputs,
        )
        _, _, _, ids, counts, scores, _ = tf.while_loop(goes_on, advance, begin)
        means = tf.where(is_beam, scores / counts, np.float64(-np.inf))
        best = tf.argmax(means, axis=1)
        score = tf.cast(tf.gather(means, best, batch_dims=1), tf.float32)
        return tf.gather(ids, best, batch_dims=1), score

    def _zeros(self, rows: int) -> Batch:
        return {
            name: np.zeros((rows, *_sizes(spec)), spec.dtype.as_numpy_dtype)
            for name, spec in self._begun_by_zeros().items()
        }

    def _begun_by_zeros(self) -> dict[str, tf.TensorSpec]:
        """The states that the encoder does not begin."""
        given = {TOKEN, *self.encode.concrete.structured_outputs}
        specs = {str(spec.name): spec for spec in self.step.inputs}
        return {name: spec for name, spec in specs.items() if name not in given}

    def _uniform(self, seed: Any) -> tf.Tensor:
        """Returns the numbers that tokens are drawn by, the same for a seed."""
        shape = (self.widest, self.length)
        return tf.random.stateless_uniform(
            shape, tf.stack([seed, 0]), dtype="float64", alg="philox"
        )

    def resources(self) -> list[Any]:
        """Returns the variables that the graph reads."""
        return [*self.encode.resources(), *self.step.resources()]


def _sizes(spec: tf.TensorSpec) -> KnownShape:
    """The shape of a state without the rows."""
    sizes = tuple(spec.shape[1:])
    assert is_known(sizes)
    return sizes


def _draw(logits: tf.Tensor, temperature: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
    """Is `zoo.tasks.beam_search.draw` in a graph."""
    scale = tf.cast(tf.where(temperature > 0, temperature, 1), tf.float64)
    above = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    cumulative = tf.cumsum(tf.exp(above / scale[:, tf.newaxis, tf.newaxis]), axis=-1)
    target = tf.expand_dims(uniform, -1) * cumulative[..., -1:]
    return tf.reduce_sum(tf.cast(cumulative <= target, tf.int32), axis=-1)
