"""`zoo neighbours`."""

import click

from zoo.cli import completion, display, options


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.argument("word")
@options.as_json
def neighbours(model: str, word: str, as_json: bool) -> None:
    """Show the nearest words in embedding space, by cosine similarity.

    NAME|RUN is a word embedding model with shipped weights, or a run folder.

    Example: zoo neighbours runs/word2vec_skipgram.brown/1 king
    """
    from zoo.inference import word_vectors

    found = word_vectors.neighbours(model, word)
    if as_json:
        display.echo_json({"word": word, "neighbours": dict(found)})
    else:
        display.echo_table(
            [{"word": other, "cosine": f"{cosine:.3f}"} for other, cosine in found]
        )
