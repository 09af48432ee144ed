"""Signatures of translators: the encoder, one step of the decoder, and translations.

See `export.signatures.beam_search` for the search.
"""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf

from export.samples import Batch
from export.signature import Signature, signature_of
from export.signatures.base import AnySignature, Computed
from export.signatures.beam_search import OPTIONS, BeamSearch, draw_options
from export.text_signature import lookup_table
from export.tokenizers import TOKENIZERS, Tokenizer
from zoo import tasks
from zoo.datasets.vocabulary import Vocabulary, padded
from zoo.runs.trained import Trained
from zoo.tasks.beam_search import END, START
from zoo.tasks.seq2seq import decoder_step, encoder
from zoo.tasks.translation import CLOSING, separator, text_of

WIDEST = 10  # beams that a request may ask for


@dataclasses.dataclass(frozen=True)
class Translate(Computed):
    """Translates texts, each with its own beam width, temperature and seed.

    Args:
        search: Searches translations.
        vocabulary: Tokens to ids.
        table: The vocabulary as a lookup table in the graph.
        tokenizer: Strings to tokens.
        source_length: Tokens of a source that are read, the first ones.
    """

    search: BeamSearch
    vocabulary: Vocabulary
    table: tf.lookup.StaticHashTable
    tokenizer: Tokenizer
    source_length: int

    description = (
        f"texts to their translations, by beam search of a width up to {WIDEST}; above "
        "temperature 0, the most probable of as many samples"
    )
    needs_tensorflow = True

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of each input."""
        return (tf.TensorSpec((None,), tf.string, name="text"), *OPTIONS)

    def sample(self, batch_size: int) -> Batch:
        """Draws texts of tokens in and out of the vocabulary, one of them empty."""
        generator = np.random.default_rng(batch_size)
        rows = generator.choice(self.vocabulary.tokens[END + 1 :], (batch_size, 6))
        between = separator(self.vocabulary)
        texts = [between.join(row[: i % 7]) for i, row in enumerate(rows, 3)]
        texts[-1] += f"{between}\N{SNOWMAN}"
        return {"text": np.array(texts), **draw_options(batch_size)}

    def __call__(self, inputs: Batch) -> Batch:
        """Computes the reference outputs, text by text."""
        rows = zip(*(inputs[str(spec.name)] for spec in self.inputs), strict=True)
        found = [self._translation(*row) for row in rows]
        texts, scores = zip(*found, strict=True)
        return {
            "translation": np.array(texts),
            "score": np.array(scores, "float32"),
        }

    def _translation(self, text: str, *options: Any) -> tuple[str, float]:
        tokens = self.vocabulary.encode(self.tokenizer.in_python(str(text)))
        (source,) = padded([tokens], self.source_length)
        ids, score = self.search.of_row(source, *options)
        return text_of(self.vocabulary, ids), score

    def traced(
        self,
        text: tf.Tensor,
        beam_width: tf.Tensor,
        temperature: tf.Tensor,
        seed: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        text, *options = self.search.checked(
            "text", text, beam_width, temperature, seed
        )
        tokens = self.tokenizer.in_graph(text)
        ids = tf.ragged.map_flat_values(self.table.lookup, tokens)
        source = ids.to_tensor(shape=(None, self.source_length))
        ids, score = self.search.of_rows(source, *options)
        return {"translation": self._text(ids), "score": score}

    def _text(self, ids: tf.Tensor) -> tf.Tensor:
        tokens = tf.constant(("",) * (END + 1) + self.vocabulary.tokens[END + 1 :])
        between = separator(self.vocabulary)
        text = tf.strings.reduce_join(tf.gather(tokens, ids), axis=1, separator=between)
        if not between:
            return text
        return tf.strings.regex_replace(tf.strings.strip(text), CLOSING, r"\1")

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return [*self.search.resources(), self.table]


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
            BeamSearch(encode, step, fixed["target_length"], START, END, WIDEST),
            source.vocabulary,
            lookup_table(source.vocabulary),
            TOKENIZERS["words" if separator(source.vocabulary) else "characters"],
            fixed["source_length"],
        )
    return found
