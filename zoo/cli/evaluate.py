"""`zoo evaluate`."""

import click

from zoo.cli import options


@click.command()
@click.argument("model", metavar="NAME|RUN")
@options.dataset
@options.data_dir
@options.as_json
def evaluate(model: str, dataset: str | None, as_json: bool) -> None:
    """Score a trained model on a test split.

    NAME|RUN is a model whose weights ship, a run folder, or a .keras file.

    Example: zoo evaluate runs/lenet5.digits/1
    """
    import zoo

    metrics = zoo.evaluate(model, dataset)
    if as_json:
        options.echo_json(metrics)
    else:
        click.echo(f"test: {options.figures(metrics)}")
