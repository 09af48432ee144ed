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
    """List the models.

    Example: zoo list "lenet*"
    """
    import zoo
    from zoo import weights

    rows = []
    names = zoo.list_models(filter, family=family, task=task, pretrained=pretrained)
    for name in names:
        spec = zoo.model_spec(name)
        rows.append(
            {
                "name": name,
                "family": spec.family,
                "task": spec.task,
                "dataset": spec.recipe.dataset,
                "weights": "yes" if name in weights.index() else "no",
            }
        )
    if as_json:
        options.echo_json(rows)
    else:
        options.echo_table(rows)
