"""Words and their vectors."""

import dataclasses
import functools
import hashlib
import os
from collections.abc import Sequence

import numpy as np

from zoo.errors import ArgumentError, nearest

Found = list[tuple[str, float]]


@dataclasses.dataclass(frozen=True, eq=False)
class WordVectors:
    r"""Words with their vectors, whatever learned them.

    Similarity is the cosine,

    .. math::

        \cos(u, v) = \frac{u \cdot v}{\lVert u \rVert \, \lVert v \rVert}.

    A word is found as it is written, or else in another case: the first of the words
    that differ in case alone. `vectors["king"]` is an array of NumPy, so that
    `vectors.nearest(vectors["king"] - vectors["man"])` is arithmetic as usual.

    Args:
        words: All different, the most frequent first.
        matrix: The vector of each, `float32` of shape `(words, dimension)`.

    Raises:
        ArgumentError: If a word stands twice, the shapes do not fit, or a number is not
            finite.

    Example:

    >>> vectors = WordVectors(("a", "b", "c"), np.eye(3) + [[0, 1, 0]] * 3)
    >>> [word for word, _ in vectors.nearest("a")]
    ['b', 'c']
    >>> round(vectors.similarity("a", "b"), 4)
    0.7071
    """

    words: tuple[str, ...]
    matrix: np.ndarray

    def __post_init__(self) -> None:
        words, matrix = tuple(self.words), np.asarray(self.matrix, "float32")
        if matrix.ndim != 2 or len(matrix) != len(words) or not matrix.size:
            raise ArgumentError(
                "`matrix` must hold one vector of numbers for each word, and `words` "
                f"one word at least. Received: {len(words)} words, shape {matrix.shape}"
            )
        if not np.isfinite(matrix).all():
            row = int(np.argmin(np.isfinite(matrix).all(axis=1)))
            raise ArgumentError(
                f"The vector of {words[row]!r} has a number that is not finite."
            )
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "matrix", matrix)
        if len(self._rows) < len(words):
            twice = next(w for i, w in enumerate(words) if self._rows[w] != i)
            raise ArgumentError(f"The word {twice!r} stands twice.")

    def __len__(self) -> int:
        """Number of words."""
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        """Whether a word has a vector, in whatever case it is written."""
        return isinstance(word, str) and self.find(word) is not None

    def __getitem__(self, word: str) -> np.ndarray:
        """The vector of a word, of shape `(dimension,)`.

        Raises:
            ArgumentError: If it has none.
        """
        return self.matrix[self.row(word)]

    @property
    def name(self) -> str:
        """What the configuration of a training calls them: their sizes and digest."""
        digest = hashlib.sha256("\n".join(self.words).encode())
        digest.update(self.matrix.tobytes())
        return f"{len(self)} word vectors {digest.hexdigest()[:16]}"

    @property
    def dimension(self) -> int:
        """Numbers in each vector."""
        return self.matrix.shape[1]

    def find(self, word: str) -> int | None:
        """Returns the row of a word in the matrix; None if it has no vector."""
        exact = self._rows.get(word)
        return self._rows_without_case.get(word.casefold()) if exact is None else exact

    def row(self, word: str) -> int:
        """Returns the row of a word in the matrix.

        Raises:
            ArgumentError: If it has no vector.
        """
        found = self.find(word)
        if found is None:
            near = ", ".join(nearest(word.casefold(), self.words[:10_000]))
            raise ArgumentError(
                f"{word!r} is not one of the {len(self):,} words that have a vector; "
                f"nearest in spelling: {near}."
            )
        return found

    def find_direction(self, word: str) -> int | None:
        """Returns the row of a word; None if it has no vector, or one of zeros."""
        row = self.find(word)
        return None if row is None or self._is_zero[row] else row

    def _directions(self, *words: str) -> list[int]:
        """Returns rows of vectors that have a cosine with others."""
        rows = [self.row(word) for word in words]
        for word, row in zip(words, rows, strict=True):
            if self._is_zero[row]:
                raise ArgumentError(
                    f"The vector of {word!r} is zero: it has no cosine with others."
                )
        return rows

    def similarity(self, first: str, second: str) -> float:
        """Returns the cosine of the vectors of two words.

        Raises:
            ArgumentError: If a word has no vector, or one of zeros.
        """
        one, other = self._directions(first, second)
        return float(self.unit[one] @ self.unit[other])

    def nearest(self, of: str | np.ndarray, count: int = 10) -> Found:
        """Returns the words of highest cosine, the nearest first, and their cosines.

        Words whose vectors are zero are not among them.

        Args:
            of: A word, which is not among the answers, or a vector.
            count: How many words, at most.

        Raises:
            ArgumentError: If the word has no vector, or the vector another dimension,
                or all its numbers are zero.
        """
        if isinstance(of, str):
            (row,) = self._directions(of)
            return self._most_alike(self.unit[row], [row], count)
        target = np.asarray(of, "float32")
        if target.shape != (self.dimension,):
            raise ArgumentError(
                f"The vector must have the shape ({self.dimension},). Received: "
                f"{target.shape}"
            )
        return self._most_alike(target, [], count)

    def analogy(self, a: str, b: str, c: str, count: int = 10) -> Found:
        r"""Returns the words that are to `c` as `b` is to `a`, and their cosines.

        3CosAdd: the nearest ones to :math:`u_b - u_a + u_c`, of vectors of length 1,
        without the three words themselves.

        Args:
            a: As `man` in "man is to king as woman is to queen".
            b: As `king`.
            c: As `woman`.
            count: How many words, at most.

        Raises:
            ArgumentError: If a word has no vector, or one of zeros, or there are no
                other words.

        Reference:
            Mikolov, Yih and Zweig, 2013, Linguistic regularities in continuous space
            word representations.
        """
        rows = self._directions(a, b, c)
        if len(self) <= len(set(rows)):
            raise ArgumentError(
                f"There are {len(self)} words, all of them in the question; none is "
                "left to answer it."
            )
        u = self.unit[rows]
        return self._most_alike(u[1] - u[0] + u[2], rows, count)

    def doesnt_match(self, words: Sequence[str]) -> str:
        """Returns the word that is least like the others.

        It has the lowest cosine with the mean of their vectors of length 1.

        Raises:
            ArgumentError: If there are less than three words, or one has no vector, or
                one of zeros.

        Example:

        >>> matrix = np.array([[1, 0], [0.9, 0.1], [0, 1]])
        >>> vectors = WordVectors(("cat", "dog", "plum"), matrix)
        >>> vectors.doesnt_match(["cat", "plum", "dog"])
        'plum'
        """
        if isinstance(words, str) or len(words) < 3:
            raise ArgumentError(
                f"`words` must be three words or more. Received: {words!r}"
            )
        units = self.unit[self._directions(*words)]
        return words[int(np.argmin(units @ units.mean(axis=0)))]

    def save(self, path: str | os.PathLike) -> None:
        """Writes a file in word2vec's format, which gensim and others read.

        Args:
            path: Of a name in `.bin`, binary; else text. With `.gz` behind it, packed.

        Raises:
            ArgumentError: If a word has a space, which the formats cannot hold.
        """
        from zoo.word_vectors.writing import write

        write(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "WordVectors":
        """Reads a file of word2vec, gensim, fastText (`.vec`) or GloVe.

        Args:
            path: In word2vec's text or binary format, or in GloVe's, which is text
                without a first line of sizes; packed by gzip or not.

        Raises:
            VectorFileError: If it is none, cut off, or its first line is wrong.
        """
        from zoo.word_vectors.reading import read

        return read(path)

    @functools.cached_property
    def unit(self) -> np.ndarray:
        """The vectors, each scaled to the length 1; zero stays zero."""
        return _scaled(self.matrix)

    def _most_alike(self, target: np.ndarray, left_out: list[int], count: int) -> Found:
        if count < 1:
            raise ArgumentError(f"`count` must be 1 or more. Received: {count}")
        if not target.any():
            raise ArgumentError("A vector of zeros has no cosine with others.")
        cosines = self.unit @ _scaled(target[None])[0]
        cosines[self._is_zero] = -np.inf
        cosines[left_out] = -np.inf
        count = min(count, int((cosines > -np.inf).sum()))
        if not count:
            return []
        best = np.argpartition(-cosines, count - 1)[:count]
        best = best[np.lexsort((best, -cosines[best]))]
        return [(self.words[i], float(cosines[i])) for i in best]

    @functools.cached_property
    def _is_zero(self) -> np.ndarray:
        return ~self.matrix.any(axis=1)

    @functools.cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words)}

    @functools.cached_property
    def _rows_without_case(self) -> dict[str, int]:
        rows: dict[str, int] = {}
        for row, word in enumerate(self.words):
            rows.setdefault(word.casefold(), row)
        return rows


def _scaled(matrix: np.ndarray) -> np.ndarray:
    """Scales rows to the length 1; those of zeros stay.

    Each is divided by its largest number first: the squares of those near the ends of
    `float32` are infinite, or zero.
    """
    largest = np.maximum(matrix.max(1, keepdims=True), -matrix.min(1, keepdims=True))
    scaled = matrix / np.where(largest, largest, 1)
    lengths = np.linalg.norm(scaled, axis=1, keepdims=True)
    scaled /= np.where(lengths, lengths, 1)
    return scaled
