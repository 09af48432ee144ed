"""The token ids of running text, and its vocabulary, in one pass over the text."""

import array
import itertools
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import numpy as np

from zoo.datasets.storage import allocate
from zoo.datasets.vocabulary import PADDING, SPECIAL, UNKNOWN, Vocabulary

MOST_WORDS = 2_000_000  # distinct ones in memory, before rare ones are forgotten
_CHUNK = 2**20  # token ids that are written and read together


def encode_text(
    sentences: Iterable[Sequence[str]],
    min_count: int = 1,
    known: Vocabulary | None = None,
) -> tuple[np.ndarray, Vocabulary]:
    """Encodes sentences, which are read once and may be longer than memory.

    Words that are unknown or too rare are left out, and so are sentences of fewer than
    two other words. Of a text with more than two million distinct words, the rarest are
    forgotten now and then, as in word2vec: their occurrences up to then do not count.

    Args:
        sentences: Each a sequence of words.
        min_count: Occurrences of a word of the vocabulary, at least.
        known: The vocabulary; that of the sentences if None, the most frequent words
            first.

    Returns:
        The token ids, a 0 behind each sentence, in memory or in a memory-mapped file;
        and the vocabulary.

    Example:

    >>> ids, vocabulary = encode_text([["b", "a"], ["a", "c"], ["a", "b"]], min_count=2)
    >>> ids.tolist(), vocabulary.tokens
    ([3, 2, 0, 2, 3, 0], ('', '[UNK]', 'a', 'b'))
    """
    with tempfile.TemporaryFile() as file:
        words = _Words(() if known is None else known.tokens[SPECIAL:])
        words.write(sentences, file, is_fixed=known is not None)
        if known is None:
            vocabulary, ids = words.vocabulary(min_count)
        else:
            vocabulary, ids = known, np.arange(1, len(words.counts) + 1)
        ids[0] = 0
        return _kept(file, ids.astype("int32")), vocabulary


class _Words(dict[str, int]):
    """Word ids in order of first occurrence, from 1 on."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(zip(words, itertools.count(1)))
        self.counts = np.zeros(len(self) + 1, "int64")
        self._new = itertools.count(len(self) + 1)
        self._floor = 1

    def __missing__(self, word: str) -> int:
        number = self[word] = next(self._new)
        return number

    def write(
        self, sentences: Iterable[Sequence[str]], file: IO[bytes], *, is_fixed: bool
    ) -> None:
        """Writes the numbers of words, a 0 behind each sentence, and counts them."""
        chunk = array.array("i")
        for sentence in sentences:
            if is_fixed:
                chunk.extend(filter(None, map(self.get, sentence)))
            else:
                chunk.extend(map(self.__getitem__, sentence))
            chunk.append(0)
            if len(chunk) >= _CHUNK:
                self._flush(chunk, file, is_fixed)
                chunk = array.array("i")
        self._flush(chunk, file, is_fixed)

    def _flush(self, chunk: array.array, file: IO[bytes], is_fixed: bool) -> None:
        chunk.tofile(file)
        found = np.bincount(chunk) if chunk else np.zeros(1, "int64")
        longest = max(len(found), len(self.counts))
        counts = np.zeros(longest, "int64")
        counts[: len(self.counts)] = self.counts
        counts[: len(found)] += found
        self.counts = counts
        while len(self) > MOST_WORDS and not is_fixed:
            rare = [word for word, n in self.items() if counts[n] <= self._floor]
            for word in rare:
                counts[self.pop(word)] = 0
            self._floor += 1

    def vocabulary(self, min_count: int) -> tuple[Vocabulary, np.ndarray]:
        """Returns the vocabulary, and the id of each number; 0 of those left out."""
        ranked = sorted(
            (word for word, n in self.items() if self.counts[n] >= min_count),
            key=lambda word: (-self.counts[self[word]], word),
        )
        numbers = np.array([self[word] for word in ranked], "int64")
        ids = np.full(len(self.counts), -1)
        ids[numbers] = np.arange(SPECIAL, SPECIAL + len(ranked))
        counts = 0, 0, *self.counts[numbers].tolist()
        return Vocabulary((PADDING, UNKNOWN, *ranked), counts=counts), ids


def _kept(file: IO[bytes], ids: np.ndarray) -> np.ndarray:
    """Returns the ids of the numbers in a file, without -1 and short sentences."""
    size = sum(map(len, _parts(file, ids)))
    kept, start = allocate((size,), np.dtype("int32")), 0
    for part in _parts(file, ids):
        kept[start : start + len(part)] = part
        start += len(part)
    return kept


def _parts(file: IO[bytes], ids: np.ndarray) -> Iterator[np.ndarray]:
    """Yields whole sentences of two known words or more, some at a time."""
    file.seek(0)
    rest = np.zeros(0, "int32")
    while content := file.read(4 * _CHUNK):
        read = ids[np.frombuffer(content, "int32")]
        read = np.concatenate([rest, read[read >= 0]])
        ends = np.flatnonzero(read == 0)
        whole = ends[-1] + 1 if len(ends) else 0
        rest = read[whole:]
        lengths = np.diff(ends, prepend=-1)  # a 0 included
        yield read[:whole][np.repeat(lengths > 2, lengths)]
