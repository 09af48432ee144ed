"""Entropy coding of integers by an adaptive model and a range coder."""

from typing import TYPE_CHECKING, Any

import numpy as np

from zoo.errors import ArgumentError, DatasetError

if TYPE_CHECKING:
    import constriction

MAX_LEVELS = 4_096  # values that one dimension may take
_WIDTHS = (1, 2)  # bytes of an end of a range


def encode(symbols: np.ndarray) -> bytes:
    r"""Encodes integers, each column by the frequencies of its earlier values.

    .. math::

        p_{t,d}(s) = \frac{1 + n_{t,d}(s)}{\sum_{s'} \big(1 + n_{t,d}(s')\big)},
        \quad n_{t,d}(s) = \big|\{ t' < t : s_{t',d} = s \}\big|

    over the values between the least and the largest of column :math:`d`, which stand
    in front. The counts are integers, so that every machine computes the same model.

    Args:
        symbols: Integers `(samples, dimensions)`.

    Raises:
        ArgumentError: If a column has a range of more than 4,096 values, or
            `constriction` is missing.

    Example:

    >>> len(encode(np.zeros((1000, 2), int)))
    9

    Reference:
        Martin, 1979, Range encoding: an algorithm for removing redundancy from a
        digitised message.
    """
    coders = _coders()
    low, spans = symbols.min(axis=0), np.ptp(symbols, axis=0)
    largest = int(np.abs(symbols).max())
    if spans.max() >= MAX_LEVELS or largest >= 2**15:
        raise ArgumentError(
            f"The step is too small: codes reach {largest:,} steps, and {MAX_LEVELS:,} "
            "are the most between the least and the largest; give a larger --step or "
            "fewer --bits."
        )
    width = 1 if spans.max() < 2**8 and largest < 2**7 else 2
    ranges = bytes([width]) + b"".join(
        values.astype(kind).tobytes()
        for values, kind in zip((low, spans), _kinds(width), strict=True)
    )
    model = _Adaptive(coders, spans)
    encoder = coders.queue.RangeEncoder()
    for row in (symbols - low).astype("int32"):
        encoder.encode(row, model.family, model.probabilities())
        model.add(row)
    return ranges + encoder.get_compressed().astype("<u4").tobytes()


class Decoder:
    """Decodes what `encode` returned, exactly.

    Args:
        content: The bytes.
        dimensions: Number of columns.

    Raises:
        ArgumentError: If `constriction` is missing.
        DatasetError: If the content is none.

    Example:

    >>> decoder = Decoder(encode(np.array([[3, -700], [2, 900], [3, 901]])), 2)
    >>> decoder.read(1).tolist(), decoder.read(2).tolist()
    ([[3, -700]], [[2, 900], [3, 901]])
    """

    def __init__(self, content: bytes, dimensions: int) -> None:
        coders = _coders()
        width = content[0] if content else 0
        middle, head = 1 + width * dimensions, 1 + 2 * width * dimensions
        if width not in _WIDTHS or len(content) < head or (len(content) - head) % 4:
            raise DatasetError("its codes are truncated")
        low, spans = (
            np.frombuffer(values, kind).astype("int64")
            for values, kind in zip(
                (content[1:middle], content[middle:head]), _kinds(width), strict=True
            )
        )
        if spans.max() >= MAX_LEVELS:
            raise DatasetError("its codes have an impossible range")
        self._low, self._model = low, _Adaptive(coders, spans)
        words = np.frombuffer(content[head:], "<u4").astype(np.uint32)
        self._coder = coders.queue.RangeDecoder(words)

    def read(self, samples: int) -> np.ndarray:
        """Returns the next integers `(samples, dimensions)`.

        Raises:
            DatasetError: If the content is damaged.
        """
        symbols = np.empty((samples, len(self._low)), "int64")
        for i in range(samples):
            try:
                row = self._coder.decode(
                    self._model.family, self._model.probabilities()
                )
            except AssertionError as error:  # of words that encode nothing
                raise DatasetError("its codes are damaged") from error
            self._model.add(row)
            symbols[i] = row + self._low
        return symbols

    def end(self) -> None:
        """Checks that nothing follows.

        Raises:
            DatasetError: If something does.
        """
        if not self._coder.maybe_exhausted():
            raise DatasetError("something follows its codes")


class _Adaptive:
    """Laplace's rule of succession for each column."""

    def __init__(self, coders: Any, spans: np.ndarray) -> None:
        self.family = coders.model.Categorical(perfect=False)
        levels = np.arange(max(2, int(spans.max()) + 1))
        self._counts = (levels <= spans[:, None]).astype("float64")
        self._columns = np.arange(len(spans))

    def probabilities(self) -> np.ndarray:
        """The model of the next row, which the coder normalizes."""
        return self._counts

    def add(self, row: np.ndarray) -> None:
        """Counts the values of a row."""
        self._counts[self._columns, row] += 1


def _kinds(width: int) -> tuple[str, str]:
    """Types of the least values and of the spans."""
    return f"<i{width}", f"<u{width}"


def _coders() -> "constriction.stream":
    try:
        from constriction import stream
    except ImportError as error:
        raise ArgumentError(
            "Codes are entropy-coded by constriction: "
            'pip install "keras-serving-zoo[compress]".'
        ) from error
    return stream
