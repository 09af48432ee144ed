"""Texts: a sentence a line, or on the command line."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from zoo import messages
from zoo.datasets import text_form
from zoo.datasets.text_stream import TextStream
from zoo.errors import DatasetError
from zoo.inference.inputs import tables
from zoo.inference.inputs.batch import Batch
from zoo.inference.inputs.model_input import ModelInput
from zoo.inference.inputs.options import Options
from zoo.inference.inputs.tokens import split_tokens


def read(path: Path, model: ModelInput, options: Options) -> Iterator[Batch]:
    """Yields the lines of a `.txt` file; for a model of tables, it is one.

    Raises:
        DatasetError: If it is no text, or empty.
    """
    if model.kind in ("rows", "series") and not model.is_for_a_command:
        yield from tables.read(path, model, options)
        return
    with path.open("rb") as file:
        yield from read_stream(file, path, model, options)


def read_stream(
    file: IO[bytes], path: Path, model: ModelInput, options: Options
) -> Iterator[Batch]:
    """Yields the texts of an open file, one in each line; empty lines are left out.

    Where they are laid out as for a training, with a label before a tab, a label of
    fastText or a token in each line, labels and tags are left out.

    Args:
        file: Open in binary mode.
        path: What it is called.
        model: What the model takes.
        options: How it is read.

    Raises:
        DatasetError: As `read`.
    """
    is_empty = True
    with TextStream(file, path, options.charset) as stream:
        head, every = tables.begun(stream)
        if tables.is_of_tokens(head, model):
            yield from tables.token_batches(stream, head, every, model)
            return
        if tables.are_pairs(head, model):
            yield from tables.read_lines(stream, head, every, model, options)
            return
        if model.takes_text and text_form.are_marked(head):
            messages.inform(f"{path}: labels, as of fastText, are not read.")
            every = map(text_form.without_marks, every)
        found = ((i, line) for i, line in enumerate(every, 1) if line.strip())
        while part := list(itertools.islice(found, model.batch_size)):
            lines, texts = zip(*part, strict=True)
            yield _batch(texts, [str(path)] * len(texts), lines, model, stream.read())
            is_empty = False
    if is_empty:
        raise DatasetError(f"{path} is empty; it must hold a text a line.")


def of_argument(text: str, model: ModelInput) -> Batch:
    """Returns a text that was typed.

    Raises:
        DatasetError: If the model takes no texts.
    """
    return _batch([text], [text], [None], model, 0)


def of_file(path: Path, model: ModelInput, options: Options) -> Batch:
    """Returns a file that holds one text.

    Raises:
        DatasetError: If it is no text.
    """
    with path.open("rb") as file, TextStream(file, path, options.charset) as stream:
        text = "\n".join(stream)
        return _batch([text], [str(path)], [None], model, stream.read())


def _batch(
    texts: Sequence[str],
    inputs: Sequence[str],
    lines: Sequence[int | None],
    model: ModelInput,
    read: int,
) -> Batch:
    if not model.takes_text:
        raise model.refusal(f"{inputs[0]} is text")
    samples = list(map(split_tokens, texts)) if model.kind == "tokens" else list(texts)
    return Batch(samples, inputs, lines, texts, read=read)
