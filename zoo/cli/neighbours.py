"""`zoo neighbours`."""

import click

from zoo.cli import completion, display, options


@click.command()
@click.argument(
    "model", metavar="NAME|RUN|FILE", shell_complete=completion.models_and_runs
)
@click.argument("word")
@options.as_json
def neighbours(model: str, word: str, as_json: bool) -> None:
    """Show the nearest words in embedding space, by cosine similarity.

    NAME|RUN|FILE is a word embedding model with shipped weights, a run folder, or a
    file of word vectors, such as those of word2vec, gensim, fastText and GloVe. `zoo
    vectors` does more with them.

    Example: zoo neighbours runs/word2vec_skipgram.brown/1 king
    """
    from zoo.inference.word_vectors import load_vectors

    found = load_vectors(model).nearest(word)
    if as_json:
        display.echo_json({"word": word, "neighbours": dict(found)})
    else:
        display.echo_table(cosines(found))


def cosines(found: list[tuple[str, float]]) -> list[dict[str, str]]:
    """Returns the rows of a table of words and cosines."""
    return [{"word": word, "cosine": f"{cosine:.3f}"} for word, cosine in found]
