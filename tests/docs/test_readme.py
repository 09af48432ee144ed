"""The table of README, the examples, the pages that are linked, and the small files."""

import json
import os
import re
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from PIL import Image

import zoo
from tests.conftest import ROOT
from tests.docs.snippets import PAGES
from tests.wheels import VERSIONS
from zoo.results.record import format_metric

README = (ROOT / "README.md").read_text()
CARDS = json.loads((ROOT / "zoo/catalogue.json").read_text())["models"]


def table():
    """The cells of the rows of README's table."""
    rows = re.findall(r"^\| `.*\|$", README, re.MULTILINE)
    return [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in rows]


def test_the_table_of_six_models_is_that_of_the_catalogue():
    assert len(table()) == 6
    for name, task, figure, parameters, size in table():
        card = CARDS[name]
        assert task.startswith(card["task"].replace("_", " "))
        metric = figure.split()[0]
        assert figure == f"{metric} {format_metric(metric, card['results'][metric])}"
        assert parameters == f"{card['parameters']:,}"
        file = ROOT / "zoo/weights" / card["weights"]
        assert size == f"{file.stat().st_size / 1000:,.0f} kB"


def test_readme_is_short_and_in_order():
    assert 60 <= len(README.splitlines()) <= 95
    places = [
        README.index(found)
        for found in (
            *("](docs/quickstart.png)", "make quickstart", ". .venv/bin/activate"),
            *("| `lenet5.mnist` |", "## Your own data", "## Serve it", "## Further"),
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "SECURITY.md"])
def test_links_lead_somewhere(page):
    path = ROOT / page
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)#\s]+)", text):
        if not re.match(r"\w+:", link):
            assert (path.parent / link).exists(), link
    for anchor in re.findall(r"\]\(#([\w-]+)\)", text):
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        plain = (re.sub(r"[^\w -]", "", heading.lower()) for heading in headings)
        assert anchor in {heading.replace(" ", "-") for heading in plain}


def test_every_page_is_linked_from_readme():
    pages = {page for page in PAGES if page.startswith("docs/")}
    assert pages <= set(re.findall(r"\]\((docs/.*?\.md)\)", README))


def test_every_environment_variable_is_in_the_table():
    """Those that the code reads or sets, by a constant's value or in place."""
    page = (ROOT / "docs/install.md").read_text()
    table = page[page.index("## Environment variables") :]
    read = re.compile(r"environ(?:\.get|\.setdefault)?[\[(]\s*\"([A-Z_]+)\"")
    constant = re.compile(r"^(?:VARIABLE|LEVEL|_LIMITS) = (.*)$", re.MULTILINE)
    found = set()
    for package in ("custom_layers", "zoo", "export", "serving"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text()
            found |= set(read.findall(text))
            for value in constant.findall(text):
                found |= set(re.findall(r"\"([A-Z_]+)\"", value))
    assert {"TFDS_DATA_DIR", "ZOO_IMPORT", "TF_CPP_MIN_LOG_LEVEL"} <= found
    assert [name for name in sorted(found) if f"`{name}`" not in table] == []


def test_the_examples_are_what_the_script_writes(tmp_path):
    script = ROOT / "examples/make.py"
    subprocess.run([sys.executable, script, tmp_path], check=True)
    made = {p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file()}
    stored = {
        p.relative_to(ROOT / "examples")
        for p in (ROOT / "examples").rglob("*")
        if p.is_file() and p.suffix not in (".py", ".md", ".pyc")
    }
    assert made == stored
    for path in sorted(made):
        ours, other = ROOT / "examples" / path, tmp_path / path
        if path.suffix == ".png":
            with Image.open(ours) as a, Image.open(other) as b:
                np.testing.assert_array_equal(a.convert("RGB"), b.convert("RGB"))
        else:
            assert ours.read_bytes() == other.read_bytes(), path


def test_the_examples_are_small_and_listed():
    files = [p for p in (ROOT / "examples").rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files if p.suffix != ".pyc") < 300_000
    page = (ROOT / "examples/README.md").read_text()
    for entry in (ROOT / "examples").iterdir():
        name = entry.name
        assert name in page or name in ("README.md", "__pycache__"), name


@pytest.mark.parametrize(
    ("name", "task", "shape"),
    [
        ("pictures", "classification", 3),
        ("fruit.csv", "classification", 1),
        ("sales.csv:sold", "forecasting", 0),
        ("reviews.tsv", "classification", 0),
        ("tagged.txt", "tagging", 0),
        ("story.txt", "language_modelling", 0),
        ("things.csv", "multi_label", 3),
        ("whistles", "classification", 1),
    ],
)
def test_the_examples_load_as_what_they_are(name, task, shape):
    data = zoo.load_dataset(str(ROOT / "examples" / name))
    assert data.task == task
    assert len(data.train.x.shape[1:]) == shape


def test_the_pictures_have_mixed_sizes():
    sizes = set()
    for path in (ROOT / "examples/pictures").rglob("*.png"):
        with Image.open(path) as image:
            sizes.add(image.size)
    assert len(sizes) > 50


@pytest.mark.parametrize(("flags", "found"), [((), False), (("-P",), True)])
def test_a_name_that_collides(tmp_path, flags, found):
    """docs/install.md says that `python -P` finds ours."""
    (tmp_path / "export.py").write_text("")
    (tmp_path / "program.py").write_text("import export\nprint(export.ParityError)")
    done = subprocess.run(
        [sys.executable, *flags, tmp_path / "program.py"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode == 0) == found
    assert ("AttributeError" in done.stderr) != found


def test_every_version_of_python_is_named():
    page = (ROOT / "docs/install.md").read_text()
    for version in VERSIONS:
        assert f"| {version} |" in page


def test_the_citation_is_of_this_version():
    yaml = pytest.importorskip("yaml")
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= found.keys()
    assert found["cff-version"] == "1.2.0"
    assert found["type"] == "software"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (found["title"], found["version"]) == (project["name"], project["version"])
    assert found["license"] == project["license"]
