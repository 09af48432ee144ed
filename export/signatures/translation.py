"""Signatures of translators: the encoder, one step of the decoder, and translations.

Beam search and sampling are those of `zoo.tasks.beam_search`, row by row.
"""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from custom_layers._types import KnownShape, is_known
from export.samples import Batch
from export.signature import Signature, signature_of
from export.signatures.base import AnySignature, Computed
from export.text_signature import lookup_table
from export.tokenizers import TOKENIZERS, Tokenizer
from zoo import tasks
from zoo.datasets.vocabulary import Vocabulary, padded
from zoo.runs.trained import Trained
from zoo.tasks.beam_search import END, LOW, START, Decoder, search
from zoo.tasks.seq2seq import TOKEN, decoder_step, encoder
from zoo.tasks.translation import CLOSING, separator, text_of

WIDEST = 10  # beams that a request may ask for
_LOW = np.float64(LOW)


@dataclasses.dataclass(frozen=True)
class Translate(Computed):
    """Translates texts, each with its own beam width, temperature and seed.

    Args:
        encode: The signature of the encoder.
        step: The signature of one step of the decoder.
        vocabulary: Tokens to ids.
        table: The vocabulary as a lookup table in the graph.
        tokenizer: Strings to tokens.
        source_length: Tokens of a source that are read, the first ones.
        length: Tokens of a translation, at most.
    """

    encode: Signature
    step: Signature
    vocabulary: Vocabulary
    table: tf.lookup.StaticHashTable
    tokenizer: Tokenizer
    source_length: int
    length: int

    description = (
        f"texts to their translations, by beam search of a width up to {WIDEST}; above "
        "temperature 0, the most probable of as many samples"
    )
    needs_tensorflow = True

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of each input."""
        types = {"text": tf.string, "beam_width": tf.int32, "temperature": tf.float32,
                 "seed": tf.int64}  # fmt: skip
        return tuple(tf.TensorSpec((None,), types[name], name=name) for name in types)

    def sample(self, batch_size: int) -> Batch:
        """Draws texts of tokens in and out of the vocabulary, one of them empty."""
        generator = np.random.default_rng(batch_size)
        rows = generator.choice(self.vocabulary.tokens[END + 1 :], (batch_size, 6))
        between = separator(self.vocabulary)
        texts = [between.join(row[: i % 7]) for i, row in enumerate(rows, 3)]
        texts[-1] += f"{between}\N{SNOWMAN}"
        return {
            "text": np.array(texts),
            "beam_width": np.resize(np.array([1, 3, 2], "int32"), batch_size),
            "temperature": np.resize(np.array([0, 0, 1.5], "float32"), batch_size),
            "seed": generator.integers(2**31, size=batch_size),
        }

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs, text by text."""
        rows = zip(*(inputs[str(spec.name)] for spec in self.inputs), strict=True)
        found = [self._translation(*row) for row in rows]
        texts, scores = zip(*found, strict=True)
        return {
            "translation": np.array(texts),
            "score": np.array(scores, "float32"),
        }

    def _translation(
        self, text: str, width: int, temperature: float, seed: int
    ) -> tuple[str, float]:
        tokens = self.vocabulary.encode(self.tokenizer.in_python(str(text)))
        source = padded([tokens], self.source_length)
        decoder = Decoder(self.encode, self.step, self._zeros, self.length)
        uniforms = np.asarray(self._uniform(seed))[np.newaxis, :width]
        found = search(decoder, source, int(width), float(temperature), uniforms)
        return text_of(self.vocabulary, found.ids[0]), found.scores[0]

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
        shape = (WIDEST, self.length)
        return tf.random.stateless_uniform(
            shape, tf.stack([seed, 0]), dtype="float64", alg="philox"
        )

    def traced(
        self,
        text: tf.Tensor,
        beam_width: tf.Tensor,
        temperature: tf.Tensor,
        seed: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        with tf.control_dependencies(_checks(beam_width, temperature)):
            tokens = self.tokenizer.in_graph(text)
        ids = tf.ragged.map_flat_values(self.table.lookup, tokens)
        source = ids.to_tensor(shape=(None, self.source_length))
        uniform = tf.map_fn(self._uniform, seed, fn_output_signature=tf.float64)
        ids, scores = self._search(source, beam_width, temperature, uniform)
        return {"translation": self._text(ids), "score": tf.cast(scores, tf.float32)}

    def _search(
        self,
        source: tf.Tensor,
        widths: tf.Tensor,
        temperature: tf.Tensor,
        uniform: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Searches with the widest beam of all rows; the narrower ones leave it out."""
        rows, width = tf.shape(source)[0], tf.maximum(1, tf.reduce_max(widths))
        zeros = {
            name: tf.zeros((rows, *spec.shape[1:]), spec.dtype)
            for name, spec in self._begun_by_zeros().items()
        }
        encoded = self.encode.within(source)
        inputs = {
            name: tf.repeat(tensor, width, axis=0)
            for name, tensor in (encoded | zeros).items()
        }
        kept = {name: inputs.pop(name) for name in [*inputs] if not _is_state(name)}
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
            logits = tf.where(tf.range(size) < END, _LOW, logits)
            ended = tf.where(tf.range(size) == END, np.float64(0), _LOW)
            log_p = tf.where(
                tf.expand_dims(done, -1), ended, tf.nn.log_softmax(logits, axis=-1)
            )
            drawn = _draw(logits, temperature, uniform[:, :width, place])
            drawn = tf.where(done, END, drawn)
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
            done |= token == END
            return place + 1, done, token, ids, counts, scores, states

        start = (
            0,
            tf.zeros(shape, tf.bool),
            tf.fill(shape, START),
            tf.zeros([rows, width, self.length], tf.int32),
            tf.zeros(shape, tf.float64),
            tf.where(is_first, tf.zeros(shape, tf.float64), _LOW),
            inputs,
        )
        _, _, _, ids, counts, scores, _ = tf.while_loop(goes_on, advance, start)
        means = tf.where(is_beam, scores / counts, np.float64(-np.inf))
        best = tf.argmax(means, axis=1)
        return (
            tf.gather(ids, best, batch_dims=1),
            tf.gather(means, best, batch_dims=1),
        )

    def _text(self, ids: tf.Tensor) -> tf.Tensor:
        tokens = tf.constant(("",) * (END + 1) + self.vocabulary.tokens[END + 1 :])
        between = separator(self.vocabulary)
        text = tf.strings.reduce_join(tf.gather(tokens, ids), axis=1, separator=between)
        if not between:
            return text
        return tf.strings.regex_replace(tf.strings.strip(text), CLOSING, r"\1")

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return [*self.encode.resources(), *self.step.resources(), self.table]


def _is_state(name: str) -> bool:
    return name.startswith("state_") or name == "position"


def _sizes(spec: tf.TensorSpec) -> KnownShape:
    """The shape of a state without the rows."""
    sizes = tuple(spec.shape[1:])
    assert is_known(sizes)
    return sizes


def _checks(beam_width: tf.Tensor, temperature: tf.Tensor) -> list[Any]:
    return [
        tf.debugging.Assert(
            tf.reduce_all((beam_width >= 1) & (beam_width <= WIDEST)),
            [f"`beam_width` must be 1 to {WIDEST}"],
        ),
        tf.debugging.Assert(
            tf.reduce_all((temperature >= 0) & tf.math.is_finite(temperature)),
            ["`temperature` must be 0 or more, and finite"],
        ),
    ]


def _draw(logits: tf.Tensor, temperature: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
    """Is `zoo.tasks.beam_search.draw` in a graph."""
    scale = tf.cast(tf.where(temperature > 0, temperature, 1), tf.float64)
    above = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    cumulative = tf.cumsum(tf.exp(above / scale[:, tf.newaxis, tf.newaxis]), axis=-1)
    target = tf.expand_dims(uniform, -1) * cumulative[..., -1:]
    return tf.reduce_sum(tf.cast(cumulative <= target, tf.int32), axis=-1)


def signatures(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `encode` and `step`, and `translate` of a trained translator."""
    encode = dataclasses.replace(
        signature_of(encoder(source.model)),
        description="token ids of a text to what the decoder reads",
    )
    step = dataclasses.replace(
        signature_of(decoder_step(source.model)),
        description="one token, what the encoder returned and the states before it, to "
        "the next token and the states after it; zeros begin what the encoder does not",
    )
    found: dict[str, AnySignature] = {"encode": encode, "step": step}
    if source.vocabulary is not None:
        task = tasks.get(source.task or "")
        fixed = task.fixed_in_model(source.model)
        found["translate"] = Translate(
            encode,
            step,
            source.vocabulary,
            lookup_table(source.vocabulary),
            TOKENIZERS["words" if separator(source.vocabulary) else "characters"],
            fixed["source_length"],
            fixed["target_length"],
        )
    return found
