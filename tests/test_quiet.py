"""Importing the project prints nothing, whatever TensorFlow logs as it is loaded."""

import os
import subprocess
import sys

import pytest

FAKE = """
import os
os.write(2, b"a line of C++ code\\n")
{code}
"""


def run(code, folder, **environment):
    """Runs code in a process of its own, whose log level nobody has set."""
    kept = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "import zoo; zoo.create_model('lenet5')",
        *(
            pytest.param(code, marks=pytest.mark.slow)
            for code in (
                "import custom_layers; custom_layers.Dense(3)",
                "import export; export.export_model",
                "import zoo, keras; keras.ops.ones(3)",
            )
        ),
    ],
)
def test_nothing_is_printed(tmp_path, code):
    done = run(code, tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.fixture
def fake(tmp_path):
    """Writes a `tensorflow` that logs to file descriptor 2, then runs some code."""

    def write(code=""):
        (tmp_path / "tensorflow.py").write_text(FAKE.format(code=code))
        return tmp_path

    return write


@pytest.mark.parametrize("package", ["zoo", "export", "serving"])
def test_the_import_is_silent_and_what_follows_is_not(fake, package):
    code = f"import {package}, tensorflow, os; os.write(2, b'after')"
    assert run(code, fake()).stderr == "after"


def test_a_log_level_asks_for_the_log(fake):
    done = run("import zoo, tensorflow", fake(), TF_CPP_MIN_LOG_LEVEL="0")
    assert done.stderr == "a line of C++ code\n"


def test_errors_of_the_import_are_shown(fake):
    done = run("import zoo, tensorflow", fake("raise ImportError('a broken wheel')"))
    assert done.stderr.endswith("ImportError: a broken wheel\n")
    assert done.returncode == 1
