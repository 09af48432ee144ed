r"""Signatures of language models: one step, and the continuation of a prompt.

A character is drawn from the distribution at temperature :math:`T`,

.. math::

    p_k = \frac{e^{l_k / T}}{\sum_j e^{l_j / T}}

as the first one whose cumulative probability is above a uniform number, or is the most
probable one where :math:`T = 0`.
"""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from export.samples import Batch
from export.signature import Signature, signature_of
from export.signatures import requests
from export.signatures.base import AnySignature, Computed
from export.text_signature import lookup_table
from export.tokenizers import TOKENIZERS
from zoo.datasets.vocabulary import Vocabulary
from zoo.inference.stepping import TOKEN, Reader, step_model
from zoo.runs.trained import Trained
from zoo.tasks.tokens import position_limit

LONGEST = 1000  # characters that a request may ask for
_SPECIAL = 2  # padding and the unknown token are never generated
_BEGINNING = "\n"  # what an empty prompt stands for, as in `zoo generate`
_LOGITS = "logits"


@dataclasses.dataclass(frozen=True)
class Generate(Computed):
    """Continues prompts, each with its own length, temperature and seed.

    See `zoo.inference.stepping.Reader` for how a text is read. `zoo generate` reads no
    more of a prompt than the last window of the training.

    Args:
        step: The signature of one step.
        vocabulary: Characters to ids.
        table: The vocabulary as a lookup table in the graph.
        limit: Number of positions, where it is limited.
    """

    step: Signature
    vocabulary: Vocabulary
    table: tf.lookup.StaticHashTable
    limit: int = tf.int32.max

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
        ids = self.vocabulary.encode(str(prompt) or _BEGINNING).tolist()
        begin, uniforms = len(ids), np.asarray(_uniform(seed))
        reader = Reader(self.step, lambda: self._zeros(1, np), self.limit)
        while len(ids) < begin + length:
            logits = reader.logits(ids)[_SPECIAL:].astype("float64")
            uniform = uniforms[len(ids) - begin]
            ids.append(_SPECIAL + _drawn(logits, temperature, uniform))
        return str(prompt) + "".join(self.vocabulary.tokens[i] for i in ids[begin:])

    def traced(
        self,
        prompt: tf.Tensor,
        length: tf.Tensor,
        temperature: tf.Tensor,
        seed: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        asserted = [
            requests.between("length", length, 0, LONGEST),
            requests.is_temperature(temperature),
        ]
        given = (prompt, length, temperature, seed)
        names = (str(spec.name) for spec in self.inputs)
        prompt, length, temperature, seed = requests.checked(
            asserted, dict(zip(names, given, strict=True))
        )
        text = tf.where(prompt == "", _BEGINNING, prompt)
        characters = TOKENIZERS["characters"].in_graph(text)
        tokens = tf.ragged.map_flat_values(self.table.lookup, characters)
        begin = tf.cast(tokens.row_lengths(), tf.int32)
        uniform = tf.map_fn(_uniform, seed, fn_output_signature=tf.float64)
        steps = tf.clip_by_value(tf.reduce_max(length), 1, LONGEST)
        paddings = tf.convert_to_tensor(((0, 0), (0, steps)))
        ids = tf.pad(tokens.to_tensor(), paddings)
        ids = self._write(ids, begin, length, temperature, uniform)
        places = tf.expand_dims(begin, -1) + tf.range(steps)
        written = tf.gather(
            tf.constant(self.vocabulary.tokens), tf.gather(ids, places, batch_dims=1)
        )
        is_asked = tf.sequence_mask(length, steps)
        continuation = tf.strings.reduce_join(tf.where(is_asked, written, ""), axis=1)
        return {"text": tf.strings.join([prompt, continuation])}

    def _write(
        self,
        ids: tf.Tensor,
        begin: tf.Tensor,
        length: tf.Tensor,
        temperature: tf.Tensor,
        uniform: tf.Tensor,
    ) -> tf.Tensor:
        """Returns the ids with those that follow, of which a row has `begin` at first.

        A row reads a token in each pass, and writes one when it has read all.
        """
        rows, width = tf.unstack(tf.shape(ids))
        places = tf.range(width)

        def goes_on(ids: tf.Tensor, end: tf.Tensor, *_: Any) -> tf.Tensor:
            return tf.reduce_any(end < begin + length)

        def advance(
            ids: tf.Tensor, end: tf.Tensor, read: tf.Tensor, used: tf.Tensor, old: dict
        ) -> tuple:
            is_full = used == self.limit
            read = tf.where(is_full, read - self.limit // 2, read)
            used = tf.where(is_full, 0, used)
            old = {name: _zeroed(state, is_full) for name, state in old.items()}
            token = tf.gather(ids, tf.minimum(read, width - 1), batch_dims=1)
            taken = {TOKEN: token, **old}
            found = self.step.within(*(taken[str(s.name)] for s in self.step.inputs))
            states = {name: found[f"next_{name}"] for name in old}
            read, used = read + 1, used + 1
            drawn = _choose(
                found[_LOGITS],
                temperature,
                tf.gather(uniform, tf.minimum(end - begin, LONGEST - 1), batch_dims=1),
            )
            writes = (read == end) & (end < begin + length)
            is_here = writes[:, tf.newaxis] & (places == end[:, tf.newaxis])
            ids = tf.where(is_here, drawn[:, tf.newaxis], ids)
            return ids, end + tf.cast(writes, tf.int32), read, used, states

        first = tf.maximum(0, begin - self.limit)
        zeros = self._zeros(rows, tf)
        ids, *_ = tf.while_loop(
            goes_on, advance, (ids, begin, first, tf.zeros_like(begin), zeros)
        )
        return ids

    def _zeros(self, rows: Any, library: Any) -> dict[str, Any]:
        """Returns the states before the first token, as arrays or tensors."""
        states = (spec for spec in self.step.inputs if spec.name != TOKEN)
        return {
            str(spec.name): library.zeros(
                (rows, *spec.shape[1:]), spec.dtype.as_numpy_dtype
            )
            for spec in states
        }

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return [*self.step.resources(), self.table]


def _zeroed(state: tf.Tensor, is_full: tf.Tensor) -> tf.Tensor:
    """Sets the state of some rows to zeros."""
    shape = [-1, *[1] * (len(state.shape) - 1)]
    return tf.where(tf.reshape(is_full, shape), tf.zeros_like(state), state)


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
    """Returns `step` of a language model, and `generate` of a trained one."""
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
        limit = position_limit(source.model) or tf.int32.max
        found["generate"] = Generate(step, source.vocabulary, table, limit)
    return found
