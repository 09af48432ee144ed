"""`zoo generate`."""

from pathlib import Path

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

    NAME|RUN is a model with shipped weights, a run folder, or an exported artifact.

    Example: zoo generate runs/char_rnn.python_topics/1 --prompt "The "
    """
    from zoo.cli.predicting.artifact import find_artifact
    from zoo.inference import text

    options = {"length": length, "temperature": temperature}
    if url is not None:
        from zoo.cli.predicting.server import ask_for_texts

        text.check_options(**options, seed=seed)
        asked = {"prompt": [prompt], "seed": seed, **options}
        (found,) = ask_for_texts(url, model, "generate", "text", asked)
    elif (folder := find_artifact(Path(model))) is not None:
        from zoo.cli.predicting.signature_call import call

        text.check_options(**options, seed=seed)
        answer = call(folder, "generate", prompt=prompt, seed=seed, **options)
        found = answer["text"][0].decode()
    else:
        found = text.generate(model, prompt, **options, seed=seed)
    display.say(found)
