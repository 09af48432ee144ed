"""`zoo translate`."""

import click

from zoo.cli import completion, display, options


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True)
@click.option(
    "--beam-width",
    default=1,
    show_default=True,
    help="Of the beam search; 1: greedy decoding. Above temperature 0: samples of "
    "which the most probable is taken.",
)
@click.option(
    "--temperature",
    default=0.0,
    show_default=True,
    help="Of the softmax; 0: beam search, 1: sampling from the predicted distribution.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of the sampling.")
@options.url
def translate(
    model: str,
    texts: tuple[str, ...],
    beam_width: int,
    temperature: float,
    seed: int,
    url: str | None,
) -> None:
    """Translate texts, each on a line.

    NAME|RUN is a translator with shipped weights, or a run folder.

    Example: zoo translate runs/translator.dates/1 "20 July 1969"
    """
    search = {"beam_width": beam_width, "temperature": temperature, "seed": seed}
    if url is not None:
        from zoo.cli.predicting.server import ask_for_texts

        asked = {"text": list(texts), **search}
        found = ask_for_texts(url, model, "translate", "translation", asked)
    else:
        from zoo.inference import translation

        found = translation.translate(model, texts, **search)
    for each in found:
        display.say(each)
