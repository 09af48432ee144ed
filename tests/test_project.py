"""The project's own files: make, constraints, the wheel."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = {"custom_layers", "zoo", "export", "serving"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def canonical(requirement):
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def test_what_the_card_names_is_required():
    required = {canonical(line) for line in PROJECT["dependencies"]}
    assert required >= {
        "tensorflow",
        "keras",
        "tensorflow-datasets",
        "importlib-resources",
        "onnx",
        "tf2onnx",
    }
    extras = PROJECT["optional-dependencies"]
    assert "pytest" in {canonical(line) for line in extras["test"]}
    assert extras["gpu"][0].startswith("tensorflow[and-cuda]")


def test_constraints_pin_every_requirement_and_name_no_address():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in pins)
    extras = PROJECT["optional-dependencies"]
    wanted = [
        *PROJECT["dependencies"],
        *extras["test"],
        *extras["dev"],
        *extras["sign"],
    ]
    assert {canonical(line) for line in pins} >= {canonical(line) for line in wanted}


def test_hashes_are_of_the_pinned_versions_and_name_no_address():
    """`python -m tests.hashes` writes them."""
    text = (ROOT / "hashes.txt").read_text()
    assert "://" not in text
    hashed = dict(re.findall(r"^([\w.-]+)==([\w.]+) ", text, re.MULTILINE))
    hashed = {canonical(name): version for name, version in hashed.items()}
    pinned = (ROOT / "constraints.txt").read_text().splitlines()[1:]
    for name, version in (line.split("==") for line in pinned):
        assert hashed.get(canonical(name), version) == version, name
    extras = PROJECT["optional-dependencies"]
    for line in [*PROJECT["dependencies"], *extras["test"], *extras["dev"]]:
        assert canonical(line) in hashed, line
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}$", entry.strip()), entry


def test_verified_files_are_installed_before_the_project(checkout):
    shutil.copy(ROOT / "hashes.txt", checkout)
    command = ["make", "-n", "install-verified", f"PYTHON={sys.executable}"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    first, _, second = done.stdout.partition("--require-hashes -r hashes.txt")
    assert "install" in first and "-e ." not in first
    assert "--no-deps --no-build-isolation -e ." in second


@pytest.mark.parametrize(
    ("said", "line", "code"),
    [
        ("No known vulnerabilities found", "no known vulnerabilities", 0),
        ("x could not be audited\\nNo known vulnerabilities found", "skipped", 0),
        ("connection refused", "skipped", 0),
        ("Found 1 known vulnerability in 1 package", "Found 1 known", 2),
    ],
)
def test_what_the_audit_says(checkout, said, line, code):
    (checkout / ".venv/bin").mkdir(parents=True)
    for name in ("pip", "python", "ruff", "pyright", "pip-audit"):
        answer = f"printf '{said}\\n'; exit 1" if name == "pip-audit" else "true"
        fake_python(checkout, answer).rename(checkout / ".venv/bin" / name)
    command = ["make", "-s", "lint"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    assert done.returncode == code
    assert line in done.stdout


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in sorted((ROOT / "benchmarks").glob("*.py"))
        if f"python -m benchmarks.{path.stem}" in path.read_text()
    ],
    ids=lambda path: path.stem,
)
def test_a_benchmark_that_is_called_as_a_module_runs(path):
    assert '\nif __name__ == "__main__":\n' in path.read_text()


def test_ci_calls_make_test():
    script = (ROOT / ".ci/run").read_text()
    assert script.splitlines()[-1] == "exec make test"
    assert (ROOT / ".ci/run").stat().st_mode & stat.S_IXUSR


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """The Makefile alone, in a folder with a space in its name."""
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):  # of the make that runs us
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "a folder"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


def fake_python(folder, answer):
    path = folder / "python3"
    path.write_text(f"#!/bin/sh\n{answer}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("target", ["quickstart", "test"])
@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("echo old", "Python 3.11 or newer is needed"),
        ("exit 127", "Python 3.11 or newer is needed"),
        ("echo no-venv", "apt install python3-venv"),
    ],
)
def test_a_machine_that_lacks_something_gets_one_line(
    checkout, target, answer, message
):
    python = fake_python(checkout, answer)
    result = subprocess.run(
        ["make", target, f"PYTHON={python}"],
        cwd=checkout,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert message in result.stderr
    assert not (checkout / ".venv").exists()


def test_the_probe_knows_this_python(checkout):
    result = subprocess.run(
        ["make", "-n", "test", f"PYTHON={sys.executable}"],
        cwd=checkout,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert f'"{sys.executable}" -m venv .venv' in result.stdout


def test_nothing_is_installed_a_second_time(checkout):
    (checkout / ".venv/bin").mkdir(parents=True)
    log = checkout / "log"
    for name in ("pip", "python", "zoo"):
        fake = fake_python(checkout, f'echo {name} "$@" >> log')
        fake.rename(checkout / ".venv/bin" / name)
    for _ in range(2):
        subprocess.run(["make", "-s", "quickstart", "test"], cwd=checkout, check=True)
    calls = log.read_text().splitlines()
    installs = [line for line in calls if "pip install" in line]
    assert len(installs) == 2
    assert installs[0].endswith("-c constraints.txt -e .")
    assert installs[1].endswith("-c constraints.txt -e .[test]")
    assert calls[-2] == "zoo quickstart"
    assert calls[-1].startswith("python -m pytest")


@pytest.mark.parametrize(
    ("target", "marks"),
    [
        ("test", '-m "not slow and not soak"'),
        ("test-jax", '-m "not slow and not soak"'),
        ("test-all", '-m "not soak"'),
        ("soak", "-m soak"),
    ],
)
def test_what_a_target_leaves_out(checkout, target, marks):
    result = subprocess.run(
        ["make", "-n", target, f"PYTHON={sys.executable}"],
        cwd=checkout,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert re.findall(
        r'(?<=loadgroup --no-loadscope-reorder )-m (?:".*?"|\w+)', result.stdout
    ) == [marks]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    script = f"import hatchling.build; hatchling.build.build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_packages_and_their_data(wheel):
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES
    tracked = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert tracked <= names
    assert not [name for name in names if "test" in name.lower()]


@pytest.mark.slow
def test_the_wheel_works_outside_the_checkout(wheel, tmp_path):
    # Its own folder instead of the checkout; the libraries from this environment.
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path / "site")
    script = "import zoo; print(zoo.__file__); print(zoo.list_models(pretrained=True))"
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    file, names = result.stdout.splitlines()
    assert Path(file).is_relative_to(tmp_path / "site")
    assert "lenet5.digits" in names
