"""Text in, text out: a signature of strings around one of numbers.

What the zoo does to the texts of a training, the graph of a SavedModel does to the
strings of a request: it splits them, and looks the tokens up in the vocabulary.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from export.signature import Signature
from export.tokenizers import SPLITTINGS, Splitting, ending
from zoo import tasks
from zoo.datasets.vocabulary import Vocabulary, padded
from zoo.runs.trained import Trained

NAME = "text"
_UNKNOWN = 1  # place in a vocabulary
_TOKENS_OF_A_SAMPLE = 8
_UNHEARD = ("Unheard-of", "ÉLAN", "1871", "don't", "a\u00a0b", "[UNK]", "")


@dataclasses.dataclass(frozen=True)
class TextSignature:
    """Takes strings where the signature inside takes numbers of tokens.

    Args:
        served: The signature of numbers, with one input.
        vocabulary: Numbers the tokens.
        table: The same for a graph.
        splitting: Makes tokens of strings.
        length: Tokens that are read of a text; all without it.
        names: For outputs that are places in a list: what the named things are called,
            and the list.
    """

    served: Signature
    vocabulary: Vocabulary
    table: tf.lookup.StaticHashTable
    splitting: Splitting
    length: int | None
    names: dict[str, tuple[str, tuple[str, ...]]]

    def __call__(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Computes the outputs with Python and Keras: the reference."""
        rows = [self.splitting.in_python(text) for text in inputs[NAME].tolist()]
        ids = [self.vocabulary.encode(row) for row in rows]
        numbers = padded(ids, self.length or max(map(len, ids)))
        outputs = self.served({str(self.served.inputs[0].name): numbers})
        return self._named(outputs, lambda names, places: np.array(names)[places])

    def function(self) -> tf.types.experimental.PolymorphicFunction:
        """Returns the function to export."""
        spec = tf.TensorSpec(self.splitting.shape, tf.string, NAME)
        return tf.function(self._exported, [spec], autograph=False)

    def resources(self) -> list[tf.lookup.StaticHashTable]:
        """Returns what the function reads besides the model's variables."""
        return [self.table]

    def describe(self) -> dict[str, dict[str, dict[str, object]]]:
        """Returns names, dtypes and shapes as the manifest holds them."""
        numbers = self.served.describe()["outputs"]
        outputs = {k: v for k, v in numbers.items() if k not in self.names}
        for places, (name, _) in self.names.items():
            outputs[name] = {"dtype": "string", "shape": numbers[places]["shape"]}
        shape = list(self.splitting.shape)
        return {
            "inputs": {NAME: {"dtype": "string", "shape": shape}},
            "outputs": outputs,
        }

    def sample(self, batch_size: int) -> dict[str, np.ndarray]:
        """Draws texts of known and unheard tokens, the same ones at each call."""
        generator = np.random.default_rng(batch_size)
        known = generator.choice(self.vocabulary.tokens, _TOKENS_OF_A_SAMPLE)
        loud = [token.upper() for token in known]
        shape = batch_size, _TOKENS_OF_A_SAMPLE
        tokens = generator.choice([*known, *loud, *_UNHEARD], shape)
        if len(self.splitting.shape) == tokens.ndim:
            return {NAME: tokens}
        return {NAME: np.array([" ".join(row) for row in tokens])}

    def _exported(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        tokens = self.splitting.in_graph(text)
        ids = tf.ragged.map_flat_values(self._places, tokens)
        if isinstance(ids, tf.RaggedTensor):
            ids = ids.to_tensor(shape=(None, self.length))
        return self._named(self.served.function()(ids), tf.gather)

    def _places(self, tokens: tf.Tensor) -> tf.Tensor:
        places = self.table.lookup(tokens)
        if self.vocabulary.suffix:
            of_endings = self.table.lookup(ending(tokens, self.vocabulary.suffix))
            places = tf.where(places == _UNKNOWN, of_endings, places)
        return places

    def _named(self, outputs: dict, look_up: Callable) -> dict:
        named = {k: v for k, v in outputs.items() if k not in self.names}
        for places, (name, names) in self.names.items():
            named[name] = look_up(names, outputs[places])
        return named


def text_signature(subject: Trained, served: Signature) -> TextSignature | None:
    """Returns the signature of strings of a model that was trained on text."""
    if subject.task is None or subject.vocabulary is None:
        return None
    task = tasks.get(subject.task)
    names = subject.labels or subject.vocabulary.tokens
    return TextSignature(
        served,
        subject.vocabulary,
        _table(subject.vocabulary),
        SPLITTINGS[task.text],
        task.settings(subject.encoding)["length"] if task.text == "sentences" else None,
        {places: (name, names) for places, name in task.names.items()},
    )


def _table(vocabulary: Vocabulary) -> tf.lookup.StaticHashTable:
    tokens = tf.constant(vocabulary.tokens)
    entries = tf.lookup.KeyValueTensorInitializer(tokens, tf.range(len(vocabulary)))
    return tf.lookup.StaticHashTable(entries, _UNKNOWN)
