"""`zoo translate`."""

from pathlib import Path

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

    NAME|RUN is a translator with shipped weights, a run folder, or an exported
    artifact.

    Example: zoo translate runs/translator.dates/1 "20 July 1969"
    """
    from zoo.cli.predicting.artifact import find_artifact
    from zoo.inference import translation
    from zoo.inference.seeds import check_seeds

    options = {"beam_width": beam_width, "temperature": temperature}
    check_seeds(seed, len(texts))
    seeds = list(range(seed, seed + len(texts)))
    if url is not None:
        from zoo.cli.predicting.server import ask_for_texts

        translation.check_options(**options)
        asked = {"text": list(texts), "seed": seeds, **options}
        found = ask_for_texts(url, model, "translate", "translation", asked)
    elif (folder := find_artifact(Path(model))) is not None:
        from zoo.cli.predicting.signature_call import call

        translation.check_options(**options)
        answer = call(folder, "translate", text=texts, seed=seeds, **options)
        found = [text.decode() for text in answer["translation"]]
    else:
        found = translation.translate(model, texts, **options, seed=seed)
    for text in found:
        display.say(text)
