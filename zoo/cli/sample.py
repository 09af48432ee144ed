"""`zoo sample`."""

from pathlib import Path

import click

from zoo.cli import completion, display
from zoo.cli.output_path import OutputPath


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.option(
    "--count", default=16, show_default=True, help="Number of samples to generate."
)
@click.option("--seed", default=0, show_default=True, help="Seed of the first sample.")
@click.option("--label", help="Class of all samples, of a conditional model.")
@click.option(
    "--output",
    default="samples.png",
    show_default=True,
    type=OutputPath("file"),
    help="Picture of all samples (.png), or their values from 0 to 1 (.npy).",
)
def sample(model: str, count: int, seed: int, label: str | None, output: Path) -> None:
    """Generate samples with a generative model.

    NAME|RUN is a model with shipped weights, a run folder, or an exported artifact. The
    n-th sample is that of the seed `seed + n`, as the signature `sample` of an endpoint
    draws it.

    Example: zoo sample vae.digits --count 32 --output samples.png
    """
    from zoo.cli.predicting.artifact import find_artifact
    from zoo.inference import generators
    from zoo.inference.seeds import check_seeds

    write = generators.writer(output)
    folder = find_artifact(Path(model))
    if folder is None:
        samples = generators.sample(model, count, seed=seed, label=label)
    else:
        from zoo.cli.predicting.signature_call import call

        generators.check_count(count)
        check_seeds(seed, count)
        seeds = range(seed, seed + count)
        samples = call(folder, "sample", seed=seeds, label=label)["sample"]
    write(samples)
    display.say(f"samples: {output}")
