r"""Signatures of recurrent language models: one step, and the continuation of a prompt.

A character is drawn from the distribution at temperature :math:`T`,

.. math::

    p_k = \frac{e^{l_k / T}}{\sum_j e^{l_j / T}}

as the first one whose cumulative probability is above a uniform number, or is the most
probable one where :math:`T = 0`.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
import tensorflow as tf

from export.samples import Batch
from export.signature import Signature, signature_of
from export.signatures.base import AnySignature, Computed
from export.text_signature import lookup_table
from export.tokenizers import TOKENIZERS
from zoo.datasets.vocabulary import Vocabulary
from zoo.inference.stepping import TOKEN, step_model
from zoo.runs.trained import Trained

LONGEST = 1000  # characters that a request may ask for
_SPECIAL = 2  # padding and the unknown token are never generated
_BEGINNING = "\n"  # what an empty prompt stands for, as in `zoo generate`
_LOGITS = "logits"


@dataclasses.dataclass(frozen=True)
class Generate(Computed):
    """Continues prompts, each with its own length, temperature and seed.

    The states go on over the whole text, where `zoo generate` reads the last window of
    it again for each character; the texts are the same up to the length of that window.

    Args:
        step: The signature of one step.
        vocabulary: Characters to ids.
        table: The vocabulary as a lookup table in the graph.
    """

    step: Signature
    vocabulary: Vocabulary
    table: tf.lookup.StaticHashTable

    description = (
        f"prompts and their continuation by `length` characters, up to {LONGEST}; "
        "temperature 0 is greedy decoding"
    )
    needs_tensorflow = True

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of each input."""
        types = {"prompt": tf.string, "length": tf.int32, "temperature": tf.float32,
                 "seed": tf.int64}  # fmt: skip
        return tuple(tf.TensorSpec((None,), types[name], name=name) for name in types)

    def sample(self, batch_size: int) -> Batch:
        """Draws prompts, one of them empty and one with an unknown character."""
        generator = np.random.default_rng(batch_size)
        rows = generator.choice(self.vocabulary.tokens[_SPECIAL:], (batch_size, 6))
        prompts = ["".join(row[: i % 7]) for i, row in enumerate(rows, 3)]
        prompts[-1] += "\N{SNOWMAN}"
        return {
            "prompt": np.array(prompts),
            "length": generator.integers(1, 7, batch_size).astype("int32"),
            "temperature": np.resize(np.array([0, 0.7, 1.5], "float32"), batch_size),
            "seed": generator.integers(2**31, size=batch_size),
        }

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs, text by text, in double precision."""
        rows = zip(*(inputs[str(spec.name)] for spec in self.inputs), strict=True)
        return {"text": np.array([self._continue(*row) for row in rows])}

    def _continue(self, prompt: str, length: int, temperature: float, seed: int) -> str:
        states = {
            str(spec.name): np.zeros([size or 1 for size in spec.shape], "float32")
            for spec in self._states
        }
        tokens = self.vocabulary.encode(str(prompt) or _BEGINNING)
        logits, states = self._after(tokens, states)
        text = str(prompt)
        for uniform in np.asarray(_uniform(seed))[:length]:
            token = _SPECIAL + _drawn(logits[_SPECIAL:], temperature, uniform)
            text += self.vocabulary.tokens[token]
            logits, states = self._after([token], states)
        return text

    def _after(self, tokens: Iterable[int], states: Batch) -> tuple[np.ndarray, Batch]:
        """Returns logits and states after one token or more."""
        answer: Batch = {}
        for token in tokens:
            answer = self.step({TOKEN: np.array([token], "int32"), **states})
            states = {name: answer[f"next_{name}"] for name in states}
        return answer[_LOGITS][0].astype("float64"), states

    def traced(
        self,
        prompt: tf.Tensor,
        length: tf.Tensor,
        temperature: tf.Tensor,
        seed: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        checks = _checks(length, temperature)
        with tf.control_dependencies(checks):
            text = tf.where(prompt == "", _BEGINNING, prompt)
        characters = TOKENIZERS["characters"].in_graph(text)
        tokens = tf.ragged.map_flat_values(self.table.lookup, characters)
        carry = self._read(tokens.to_tensor(), tokens.row_lengths())
        uniform = tf.map_fn(_uniform, seed, fn_output_signature=tf.float64)
        steps = tf.clip_by_value(tf.reduce_max(length), 1, LONGEST)
        ids = self._write(carry, steps, temperature, uniform)
        written = tf.gather(tf.constant(self.vocabulary.tokens), ids)
        is_asked = tf.sequence_mask(length, tf.shape(ids)[1])
        continuation = tf.strings.reduce_join(tf.where(is_asked, written, ""), axis=1)
        return {"text": tf.strings.join([prompt, continuation])}

    def _read(self, tokens: tf.Tensor, lengths: tf.Tensor) -> list[tf.Tensor]:
        """Returns logits and states after the last token of each row."""
        rows, count = tf.unstack(tf.shape(tokens))
        sizes = [self._logits.shape[-1], *(s.shape[-1] for s in self._states)]
        begin = [tf.zeros((rows, size)) for size in sizes]

        def read(position: tf.Tensor, carry: list[tf.Tensor]) -> tuple:
            new = self._advance(tokens[:, position], carry)
            is_in = (tf.cast(position, tf.int64) < lengths)[:, tf.newaxis]
            kept = [tf.where(is_in, *pair) for pair in zip(new, carry, strict=True)]
            return position + 1, kept

        _, carry = tf.while_loop(lambda i, _: i < count, read, (0, begin))
        return carry

    def _write(
        self,
        carry: list[tf.Tensor],
        steps: tf.Tensor,
        temperature: tf.Tensor,
        uniform: tf.Tensor,
    ) -> tf.Tensor:
        """Returns the ids of the characters that follow, `(batch, steps)`."""
        ids = tf.TensorArray(tf.int32, steps, element_shape=temperature.shape)

        def write(position: tf.Tensor, carry: list, ids: tf.TensorArray) -> tuple:
            token = _choose(carry[0], temperature, uniform[:, position])
            return position + 1, self._advance(token, carry), ids.write(position, token)

        *_, ids = tf.while_loop(lambda i, *_: i < steps, write, (0, carry, ids))
        return tf.transpose(ids.stack())

    def _advance(self, token: tf.Tensor, carry: list[tf.Tensor]) -> list[tf.Tensor]:
        states = [str(spec.name) for spec in self._states]
        taken = {TOKEN: token} | dict(zip(states, carry[1:], strict=True))
        outputs = self.step.within(*(taken[str(s.name)] for s in self.step.inputs))
        return [outputs[_LOGITS], *(outputs[f"next_{name}"] for name in states)]

    @property
    def _logits(self) -> tf.Tensor:
        return self.step.concrete.structured_outputs[_LOGITS]

    @property
    def _states(self) -> tuple[tf.TensorSpec, ...]:
        return tuple(spec for spec in self.step.inputs if spec.name != TOKEN)

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return [*self.step.resources(), self.table]


def _checks(length: tf.Tensor, temperature: tf.Tensor) -> list[Any]:
    return [
        tf.debugging.assert_non_negative(length, "`length` must be 0 or more"),
        tf.debugging.assert_less_equal(
            length, LONGEST, f"`length` must be {LONGEST} or less"
        ),
        tf.debugging.Assert(
            tf.reduce_all((temperature >= 0) & tf.math.is_finite(temperature)),
            ["`temperature` must be 0 or more, and finite"],
        ),
    ]


def _uniform(seed: Any) -> tf.Tensor:
    """Returns the numbers that characters are drawn by, the same for a seed."""
    seeds = tf.stack([seed, 0])
    return tf.random.stateless_uniform((LONGEST,), seeds, dtype="float64", alg="philox")


def _drawn(logits: np.ndarray, temperature: float, uniform: float) -> int:
    if temperature == 0:
        return int(np.argmax(logits))
    cumulative = np.cumsum(np.exp((logits - logits.max()) / temperature))
    return int(np.searchsorted(cumulative, uniform * cumulative[-1], side="right"))


def _choose(logits: tf.Tensor, temperature: tf.Tensor, uniform: tf.Tensor) -> tf.Tensor:
    """Is `_drawn` in a graph, for each row, of all tokens but the special ones."""
    logits = tf.cast(logits[:, _SPECIAL:], tf.float64)
    scale = tf.cast(tf.where(temperature > 0, temperature, 1), tf.float64)
    above = logits - tf.reduce_max(logits, axis=-1, keepdims=True)
    cumulative = tf.cumsum(tf.exp(above / scale[:, tf.newaxis]), axis=-1)
    target = uniform[:, tf.newaxis] * cumulative[:, -1:]
    drawn = tf.reduce_sum(tf.cast(cumulative <= target, tf.int32), axis=-1)
    greedy = tf.argmax(logits, axis=-1, output_type=tf.int32)
    return _SPECIAL + tf.where(temperature > 0, drawn, greedy)


def signatures(source: Trained, whole: Signature) -> dict[str, AnySignature]:
    """Returns `step` of a recurrent language model, and `generate` of a trained one."""
    model = step_model(source.model)
    if model is None:
        return {}
    step = dataclasses.replace(
        signature_of(model),
        description="one token and the states before it, to the next token and the "
        "states after it; zeros begin a text",
    )
    found: dict[str, AnySignature] = {"step": step}
    if source.vocabulary is not None:
        table = lookup_table(source.vocabulary)
        found["generate"] = Generate(step, source.vocabulary, table)
    return found
