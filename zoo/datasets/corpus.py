"""Running text of any length, read once in a stream: files, or any iterable."""

import contextlib
import dataclasses
import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from zoo import messages
from zoo.datasets.dataset import Dataset, Split
from zoo.datasets.picture_file import is_hidden
from zoo.datasets.text_stream import TextStream
from zoo.errors import DatasetError

SUFFIXES = (".txt", ".text", ".txt.gz")
_FIRST = 2**16  # characters of a file, by which running text is recognized

Texts = Iterable[str | Sequence[str]]


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Texts that are yet to be read.

    Args:
        read: Yields them in their order: lines, or lists of tokens.
        dtype: That of texts in an array.
        shape: Of one in memory; how many texts there are is not known.
    """

    read: Callable[[], Iterator[str | Sequence[str]]]
    dtype: np.dtype = dataclasses.field(default_factory=lambda: np.dtype(object))
    shape: tuple[int, ...] = (0,)

    def __iter__(self) -> Iterator[str | Sequence[str]]:
        """Reads the texts."""
        return self.read()

    def __len__(self) -> int:
        """None are in memory."""
        return 0


def make_corpus(name: str, sentences: Texts) -> Dataset:
    """Makes a dataset of running text that may be longer than memory.

    The text is read once, when a training begins, and is kept as token ids.

    Args:
        name: Of the dataset.
        sentences: Yields lines, or lists of tokens; a generator will do.

    Example:

    >>> data = make_corpus("numbers", (f"{n} comes before {n + 1}" for n in range(9)))
    >>> next(iter(data.train.x))
    '0 comes before 1'
    """
    if isinstance(sentences, str | bytes):
        raise DatasetError(
            f"{name}: `sentences` is one text; give an iterable of lines, or of lists "
            "of tokens."
        )
    corpus = Corpus(lambda: iter(sentences))
    none = np.empty(0, object)
    return Dataset(
        name,
        Split(corpus, corpus),  # pyright: ignore[reportArgumentType]
        Split(none, none),
        Split(none, none),
        labels=(),
        task="language_modelling",
    )


def open_corpus(
    source: str | os.PathLike,
    data_dir: str | os.PathLike | None = None,
    charset: str | None = None,
) -> Dataset | None:
    """Opens files of running text as a corpus; None where `source` is something else.

    Args:
        source: A `.txt` or `.txt.gz` file, a folder of such, a pattern such as
            `texts/*.txt.gz`, or the name of a file in the data folder.
        data_dir: The data folder; `TFDS_DATA_DIR` if None.
        charset: Character encoding of the files; UTF-8 if None.
    """
    paths = _files(str(source), data_dir)
    if not paths or any(_has_columns(path, charset) for path in paths[:1]):
        return None
    if len(paths) > 1:
        messages.inform(f"{source} is {len(paths):,} files of text.")
    return make_corpus(str(source), _Lines(paths, charset))


@dataclasses.dataclass(frozen=True)
class _Lines:
    """The lines of files, one file after the other."""

    paths: list[Path]
    charset: str | None

    def __iter__(self) -> Iterator[str]:
        for path in self.paths:
            with _opened(path, self.charset) as stream:
                yield from stream.pieces()


@contextlib.contextmanager
def _opened(path: Path, charset: str | None) -> Iterator[TextStream]:
    try:
        with path.open("rb") as file, TextStream(file, path, charset) as stream:
            yield stream
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror}.") from error


def _files(source: str, data_dir: str | os.PathLike | None) -> list[Path]:
    path = Path(source)
    if path.is_dir():
        found = (each for each in path.rglob("*") if each.is_file())
        named = [each for each in found if each.name.lower().endswith(SUFFIXES)]
        return sorted(
            each
            for each in named
            if not any(map(is_hidden, each.relative_to(path).parts))
        )
    if source.lower().endswith(SUFFIXES) and path.is_file():
        return [path]
    # A pattern may be absolute, which `Path.glob` refuses.
    matching = sorted(glob.glob(source))  # noqa: PTH207
    if matching and matching != [source]:
        return list(map(Path, matching))
    folder = data_dir or os.environ.get("TFDS_DATA_DIR")
    if folder is None:
        return []
    named = (Path(folder).expanduser() / f"{source}{suffix}" for suffix in SUFFIXES)
    return [each for each in named if each.is_file()][:1]


def _has_columns(path: Path, charset: str | None) -> bool:
    """Whether the first lines are labelled texts or tagged tokens."""
    with _opened(path, charset) as stream:
        seen = 0
        for line in stream.pieces():
            if "\t" in line:
                return True
            seen += len(line)
            if seen > _FIRST:
                break
    return False
