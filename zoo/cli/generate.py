"""`zoo generate`."""

import click

from zoo.cli import completion, display, options


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.option("--prompt", default="", help="Beginning of the text.")
@click.option(
    "--length", default=300, show_default=True, help="Number of characters to generate."
)
@click.option(
    "--temperature",
    default=1.0,
    show_default=True,
    help="Of the softmax; 0: greedy decoding, 1: sampling from the predicted "
    "distribution.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of the sampling.")
@options.url
def generate(
    model: str,
    prompt: str,
    length: int,
    temperature: float,
    seed: int,
    url: str | None,
) -> None:
    """Continue a text with a language model.

    NAME|RUN is a model with shipped weights, or a run folder.

    Example: zoo generate runs/char_rnn.python_topics/1 --prompt "The "
    """
    sampling = {"length": length, "temperature": temperature, "seed": seed}
    if url is not None:
        from zoo.cli.predicting.server import ask_for_texts

        asked = {"prompt": [prompt], **sampling}
        display.say(*ask_for_texts(url, model, "generate", "text", asked))
        return
    from zoo.inference import text

    display.say(text.generate(model, prompt, **sampling))
