"""`zoo list`."""

import click

from zoo.cli import options


@click.command("list")
@click.argument("filter", default="")
@click.option("--family", help="Keep a family, such as cnn.")
@click.option("--task", help="Keep a task, such as classification.")
@click.option("--pretrained", is_flag=True, help="Keep models that ship weights.")
@options.as_json
def list_(
    filter: str, family: str | None, task: str | None, pretrained: bool, as_json: bool
) -> None:
    """List the models, with what was measured of them.

    Weights ship where it says so; SavedModel and ONNX are what `zoo export` makes, and
    compares with the model.

    Example: zoo list "lenet*"
    """
    import zoo
    from export import DEFAULT_FORMATS
    from zoo import weights
    from zoo.results import parameters, records

    measured, sizes = records(), parameters()
    rows = []
    names = zoo.list_models(filter, family=family, task=task, pretrained=pretrained)
    for name in names:
        spec, record = zoo.model_spec(name), measured.get(name)
        rows.append(
            {
                "name": name,
                "family": spec.family,
                "task": spec.task,
                "parameters": sizes.get(name, ""),
                "dataset": spec.recipe.dataset,
                "test": record.headline if record else "",
                "weights": "yes" if name in weights.index() else "no",
                **dict.fromkeys(DEFAULT_FORMATS, "exports"),
            }
        )
    if not rows:
        click.echo("No model is like that; `zoo list` shows all.", err=True)
    if as_json:
        options.echo_json(rows)
    else:
        options.echo_table(rows)
