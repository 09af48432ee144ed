"""`zoo launch`."""

import click


# What follows the first word belongs to `train`, with or without two dashes.
@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Processes that train together.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def launch(workers: int, command: tuple[str, ...]) -> None:
    """Train with several local workers, to try what a cluster does.

    Each worker is a process with a TF_CONFIG of its own. The batch size is that of
    all together.

    Example: zoo launch --workers 2 -- train lenet5 --dataset mnist
    """
    from zoo.machines.launching import launch as run

    if not command or command[0] != "train":
        raise click.UsageError(
            "zoo launch runs `train`, behind two dashes: "
            "zoo launch --workers 2 -- train lenet5"
        )
    raise click.exceptions.Exit(run(list(command), workers))
