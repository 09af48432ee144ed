"""`zoo generate`."""

import click

from zoo.cli import completion


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.option("--prompt", default="", help="What the text begins with.")
@click.option("--length", default=300, show_default=True, help="Characters to write.")
@click.option(
    "--temperature",
    default=1.0,
    show_default=True,
    help="0 always takes the likeliest character, 1 draws as the model expects.",
)
@click.option("--seed", default=0, show_default=True, help="Of the draws.")
def generate(
    model: str, prompt: str, length: int, temperature: float, seed: int
) -> None:
    """Let a language model write.

    NAME|RUN is a model whose weights ship, or a run folder.

    Example: zoo generate runs/char_rnn.python_topics/1 --prompt "The "
    """
    from zoo.inference import text

    click.echo(
        text.generate(model, prompt, length=length, temperature=temperature, seed=seed)
    )
