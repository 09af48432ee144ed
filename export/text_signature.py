"""A signature that takes strings: tokenizer, vocabulary lookup, then the model.

The graph of a SavedModel does to the strings of a request what the zoo does to the
texts of a training set: it tokenizes them and looks the tokens up in the vocabulary.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from export.signature import Signature
from export.signatures.base import Computed
from export.tokenizers import TOKENIZERS, Tokenizer, ending
from zoo import tasks
from zoo.datasets.vocabulary import Vocabulary, padded
from zoo.runs.trained import Trained

NAME = "text"
_UNKNOWN_ID = 1
_SAMPLE_LENGTH = 8  # tokens
_OUT_OF_VOCABULARY = ("Unheard-of", "ÉLAN", "1871", "don't", "a\u00a0b", "[UNK]", "")


@dataclasses.dataclass(frozen=True)
class TextSignature(Computed):
    """Takes strings where the signature inside takes token ids.

    Args:
        of_ids: The signature that takes token ids, with one input.
        vocabulary: Tokens to ids.
        table: The vocabulary as a lookup table in the graph.
        tokenizer: Strings to tokens.
        length: Tokens of a text that are read, the first ones; all if None.
        names: Outputs of `of_ids` that are indices: the name of the output that
            replaces each of them, and the strings that they index.
    """

    of_ids: Signature
    vocabulary: Vocabulary
    table: tf.lookup.StaticHashTable
    tokenizer: Tokenizer
    length: int | None
    names: dict[str, tuple[str, tuple[str, ...]]]

    description = "text as strings, tokenized and looked up as in training"
    needs_tensorflow = True

    @property
    def inputs(self) -> tuple[tf.TensorSpec, ...]:
        """Name, dtype and shape of the one input."""
        return (tf.TensorSpec(self.tokenizer.shape, tf.string, NAME),)

    def __call__(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Computes the reference outputs, with Python and Keras."""
        tokens = [self.tokenizer.in_python(text) for text in inputs[NAME].tolist()]
        rows = [self.vocabulary.encode(row) for row in tokens]
        ids = padded(rows, self.length or max(map(len, rows)))
        outputs = self.of_ids({str(self.of_ids.inputs[0].name): ids})
        return self._named(outputs, lambda names, indices: np.array(names)[indices])

    def resources(self) -> list[Any]:
        """Returns the variables and tables that the graph reads."""
        return [*self.of_ids.resources(), self.table]

    def sample(self, batch_size: int) -> dict[str, np.ndarray]:
        """Samples texts of tokens in and out of the vocabulary, the same each time."""
        generator = np.random.default_rng(batch_size)
        length = self.tokenizer.shape[1:] or (None,)
        shape = batch_size, length[0] or _SAMPLE_LENGTH
        known = generator.choice(self.vocabulary.tokens, _SAMPLE_LENGTH)
        upper = [token.upper() for token in known]
        tokens = generator.choice([*known, *upper, *_OUT_OF_VOCABULARY], shape)
        if len(self.tokenizer.shape) == tokens.ndim:
            return {NAME: tokens}
        return {NAME: np.array([" ".join(row) for row in tokens])}

    def traced(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Computes the outputs in the graph that is exported."""
        tokens = self.tokenizer.in_graph(text)
        ids = tf.ragged.map_flat_values(self._ids, tokens)
        if isinstance(ids, tf.RaggedTensor):
            ids = ids.to_tensor(shape=(None, self.length))
        return self._named(self.of_ids.within(ids), tf.gather)

    def _ids(self, tokens: tf.Tensor) -> tf.Tensor:
        ids = self.table.lookup(tokens)
        if self.vocabulary.suffix:
            of_endings = self.table.lookup(ending(tokens, self.vocabulary.suffix))
            ids = tf.where(ids == _UNKNOWN_ID, of_endings, ids)
        return ids

    def _named(self, outputs: dict, look_up: Callable) -> dict:
        named = {k: v for k, v in outputs.items() if k not in self.names}
        for index, (name, names) in self.names.items():
            named[name] = look_up(names, outputs[index])
        return named


def text_signature(source: Trained, default: Signature) -> TextSignature | None:
    """Returns the signature that takes strings, of a model that was trained on text."""
    if source.task is None or source.vocabulary is None:
        return None
    task = tasks.get(source.task)
    if task.text == "pairs":
        return None
    names = source.labels or source.vocabulary.tokens
    return of_strings(
        source, default, {index: (name, names) for index, name in task.names.items()}
    )


def of_strings(
    source: Trained, of_ids: Signature, names: dict[str, tuple[str, tuple[str, ...]]]
) -> TextSignature:
    """Returns a signature with strings where another one takes token ids.

    Args:
        source: With the vocabulary and the encoding of its training.
        of_ids: The other one.
        names: As `TextSignature` takes them.
    """
    assert source.task is not None and source.vocabulary is not None
    task = tasks.get(source.task)
    tokenizer = TOKENIZERS[task.tokens_of(source.encoding)]
    if len(tokenizer.shape) == 2:
        shape = of_ids.inputs[0].shape
        tokenizer = dataclasses.replace(tokenizer, shape=tuple(shape))
    return TextSignature(
        of_ids,
        source.vocabulary,
        lookup_table(source.vocabulary),
        tokenizer,
        task.settings(source.encoding)["length"] if task.text == "sentences" else None,
        names,
    )


def lookup_table(vocabulary: Vocabulary) -> tf.lookup.StaticHashTable:
    """Returns tokens to ids as a table of a graph."""
    tokens = tf.constant(vocabulary.tokens)
    entries = tf.lookup.KeyValueTensorInitializer(tokens, tf.range(len(vocabulary)))
    return tf.lookup.StaticHashTable(entries, _UNKNOWN_ID)
