"""`zoo explain`."""

from pathlib import Path

import click

from zoo.cli import completion, display, options
from zoo.cli.output_path import OutputPath
from zoo.cli.registered import RegisteredNames

FOLDER = "explanation"


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.argument("source", metavar="INPUT")
@options.url
@click.option(
    "--target",
    metavar="NAME",
    help="The class, the quantity, or the step of a forecast that is explained; of a "
    "tagger, captioner or detector the token, word or box, as PLACE or PLACE:NAME.  "
    "[default: the predicted class; the first quantity, step, token, word or box]",
)
@click.option(
    "--methods",
    type=RegisteredNames("method", "zoo.inference.explanations.methods:methods"),
    metavar="METHOD,...",
    help="Some of the methods, such as gradient,occlusion.  [default: all that apply]",
)
@click.option(
    "--row",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Which sample of an INPUT that holds several.",
)
@click.option("--invert", is_flag=True, help="Invert a picture: black becomes white.")
@click.option(
    "--output",
    type=OutputPath("folder"),
    metavar="DIR",
    help=f"Where pictures, JSON and page are written.  [default: {FOLDER}, without "
    "--json]",
)
@options.trust
@options.as_json
def explain(
    model: str,
    source: str,
    url: str | None,
    target: str | None,
    methods: list[str] | None,
    row: int,
    invert: bool,
    output: Path | None,
    trust: bool,
    as_json: bool,
) -> None:
    """Show what in a sample made a model answer as it does.

    NAME|RUN and INPUT are those of `zoo predict`. Writes a picture for each method, one
    page with all of them (explanation.html) and the numbers (explanation.json). Of an
    artifact or a server, which give no gradients, occlusion alone can be had.

    Example: zoo explain lenet5.mnist examples/seven.png --output why
    """
    from zoo.cli.predicting.asking import open_answerer
    from zoo.inference.explain import explain_answer
    from zoo.inference.explanations.target import describe
    from zoo.inference.inputs.options import Options
    from zoo.inference.inputs.remarks import remarks

    if output is None and not as_json:
        output = OutputPath("folder").convert(FOLDER, None, None)
    with remarks() as said:
        given = Options(invert=invert, remarks=said)
        with open_answerer(model, said, url=url, trust=trust) as answerer:
            found = explain_answer(answerer, source, given, target, methods, row)
            page = None if output is None else found.save(output)
            if as_json:
                display.echo_json(found.as_json())
                return
            answer = describe(found.case.target, found.case.value)
    display.say(answer)
    for line in found.reasons:
        display.say(line, err=True)
    display.say(str(page))
