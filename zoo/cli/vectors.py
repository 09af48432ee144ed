"""`zoo vectors`."""

from pathlib import Path

import click

from zoo.cli import completion, display, options
from zoo.cli.neighbours import cosines
from zoo.cli.output_path import OutputPath

_model = click.argument(
    "model", metavar="NAME|RUN|FILE", shell_complete=completion.models_and_runs
)


@click.group()
def vectors() -> None:
    """Use word vectors: similarity, analogies, files, pictures.

    NAME|RUN|FILE is a word embedding model with shipped weights, a run folder, or a
    file of word vectors, such as those of word2vec, gensim, fastText and GloVe.

    Example: zoo vectors analogy runs/word2vec_skipgram.brown/1 man king woman
    """


@vectors.command()
@_model
@click.argument("a")
@click.argument("b")
@click.argument("c")
@options.as_json
def analogy(model: str, a: str, b: str, c: str, as_json: bool) -> None:
    """Show the words that are to C as B is to A.

    Example: zoo vectors analogy runs/word2vec_skipgram.brown/1 man king woman
    """
    from zoo.inference.word_vectors import load_vectors

    found = load_vectors(model).analogy(a, b, c)
    if as_json:
        display.echo_json({"a": a, "b": b, "c": c, "answers": dict(found)})
    else:
        display.echo_table(cosines(found))


@vectors.command()
@_model
@click.argument("first")
@click.argument("second")
@options.as_json
def similarity(model: str, first: str, second: str, as_json: bool) -> None:
    """Show the cosine of the vectors of two words.

    Example: zoo vectors similarity vectors.bin coast shore
    """
    from zoo.inference.word_vectors import load_vectors

    found = load_vectors(model).similarity(first, second)
    if as_json:
        display.echo_json({"words": [first, second], "similarity": found})
    else:
        display.echo(f"{found:.3f}")


@vectors.command("doesnt-match")
@_model
@click.argument("words", nargs=-1, required=True)
@options.as_json
def doesnt_match(model: str, words: tuple[str, ...], as_json: bool) -> None:
    """Show which of several words is least like the others.

    Example: zoo vectors doesnt-match vectors.bin breakfast lunch river
    """
    from zoo.inference.word_vectors import load_vectors

    found = load_vectors(model).doesnt_match(words)
    if as_json:
        display.echo_json({"words": words, "doesnt_match": found})
    else:
        display.echo(found)


@vectors.command()
@_model
@click.argument("file", type=OutputPath("file"))
@options.as_json
def save(model: str, file: Path, as_json: bool) -> None:
    """Write word vectors to FILE in word2vec's format, which gensim reads.

    A name in .bin is binary, another one text; .gz behind it is packed.

    Example: zoo vectors save runs/word2vec_skipgram.brown/1 vectors.txt
    """
    from zoo.inference.word_vectors import load_vectors

    found = load_vectors(model)
    found.save(file)
    _say_written(file, len(found), found.dimension, as_json=as_json)


@vectors.command()
@_model
@click.argument("folder", type=OutputPath("folder"))
@options.as_json
def projector(model: str, folder: Path, as_json: bool) -> None:
    """Write a FOLDER for TensorBoard's embedding projector.

    Example: zoo vectors projector vectors.bin logs
    """
    from zoo.inference.word_vectors import load_vectors
    from zoo.reports.projector import write_projector

    found = load_vectors(model)
    write_projector(found, folder)
    _say_written(folder, len(found), found.dimension, as_json=as_json)


@vectors.command("map")
@_model
@click.argument("picture", type=OutputPath("file"))
@click.argument("words", nargs=-1)
@options.as_json
def map_(model: str, picture: Path, words: tuple[str, ...], as_json: bool) -> None:
    """Draw a map of WORDS, or of the most frequent ones, as PICTURE (.png, .svg).

    Example: zoo vectors map vectors.bin map.png king queen man woman
    """
    from zoo.inference.word_vectors import load_vectors
    from zoo.reports.word_map import save_map

    found = load_vectors(model)
    shown = save_map(found, picture, words)
    _say_written(picture, shown, found.dimension, as_json=as_json)


def _say_written(path: Path, words: int, dimension: int, *, as_json: bool) -> None:
    if as_json:
        display.echo_json({"file": str(path), "words": words, "dimension": dimension})
    else:
        display.echo(f"{path}: {words:,} words, {dimension} dimensions")
