import os
import subprocess
import sys

import pytest

from tests.plain_steps import plain_steps  # noqa: F401


@pytest.fixture
def ask(capsys):
    """Runs a command line and returns code, standard output and standard error."""

    from zoo.cli.main import run

    def ask(*arguments):
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ask


@pytest.fixture
def zoo_command(tmp_path):
    """Runs `zoo` in an empty folder, as a user does."""
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}

    def run(*arguments, **options):
        return subprocess.run(
            [sys.executable, "-m", "zoo", *map(str, arguments)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            **options,
        )

    return run


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A run folder and an artifact of it."""
    import export
    import zoo

    base = tmp_path_factory.mktemp("work")
    run = zoo.train("mlp", epochs=2, output=base / "run")
    artifact = export.export_model(run, base / "models")
    return run.directory, artifact.path
