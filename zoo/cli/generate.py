"""`zoo generate`."""

from pathlib import Path

import click

from zoo.cli import completion, display


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
def generate(
    model: str, prompt: str, length: int, temperature: float, seed: int
) -> None:
    """Continue a text with a language model.

    NAME|RUN is a model with shipped weights, a run folder, or an exported artifact.

    Example: zoo generate runs/char_rnn.python_topics/1 --prompt "The "
    """
    from zoo.cli.predicting.artifact import find_artifact
    from zoo.inference import text

    options = {"length": length, "temperature": temperature}
    folder = find_artifact(Path(model))
    if folder is None:
        found = text.generate(model, prompt, **options, seed=seed)
    else:
        from zoo.cli.predicting.signature_call import call

        text.check_options(**options)
        answer = call(folder, "generate", prompt=prompt, seed=seed, **options)
        found = answer["text"][0].decode()
    display.say(found)
