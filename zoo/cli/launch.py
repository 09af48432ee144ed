"""`zoo launch`."""

import click


# Arguments after the first one belong to `train`, with or without two dashes.
@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Number of worker processes.",
)
@click.option(
    "--insecure-network",
    is_flag=True,
    help="Let the workers use this machine's network: whoever reaches their ports can "
    "read and write your files.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def launch(workers: int, insecure_network: bool, command: tuple[str, ...]) -> None:
    """Train with several local workers, to try distributed training.

    Each worker is a process with its own TF_CONFIG. The batch size is that of all
    workers together. TensorFlow's server, by which they exchange data, listens on all
    interfaces and asks for no credentials, so they have a network of their own, which
    nobody else is in (a network namespace of Linux).

    Example: zoo launch --workers 2 -- train lenet5 --dataset digits
    """
    from zoo.machines.launching import launch as run

    if not command or command[0] != "train":
        raise click.UsageError(
            "zoo launch runs `train`, after two dashes: "
            "zoo launch --workers 2 -- train lenet5"
        )
    code = run(list(command), workers, insecure_network=insecure_network)
    raise click.exceptions.Exit(code)
