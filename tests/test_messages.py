"""What tests and CONTRIBUTING.md say names files that are there."""

import ast
import re

import pytest

from tests.conftest import ROOT

FOLDERS = "benchmarks|custom_layers|docs|export|serving|tests|zoo"
NAME = re.compile(rf"[\w./-]+\.(?:json|md|py)\b|\b(?:{FOLDERS})/(?:\w+/)*(?![\w.])")
TESTS = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/*.py"))


def sayings(tree):
    """Nodes of messages, reasons and docstrings."""
    for node in ast.walk(tree):
        match node:
            case (
                ast.Assert(msg=ast.AST() as said)
                | ast.Raise(exc=ast.AST() as said)
                | (ast.Call(func=ast.Attribute(attr="fail" | "skip")) as said)
                | ast.keyword(arg="reason", value=said)
                | ast.Expr(value=ast.Constant() as said)
            ):
                yield said


def missing(source, *folders):
    """Files that the messages of a module name and that are in none of the folders."""
    said = [
        part.value
        for node in sayings(ast.parse(source))
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    names = NAME.findall(" ".join(said))
    return [name for name in names if not any((f / name).exists() for f in folders)]


@pytest.mark.parametrize("path", TESTS)
def test_files_that_messages_name_are_there(path):
    file = ROOT / path
    assert missing(file.read_text(), ROOT, file.parent) == []


def test_files_that_contributing_names_are_there():
    names = NAME.findall((ROOT / "CONTRIBUTING.md").read_text())
    # `NAME` stands for the contributor's own.
    paths = [name for name in names if "/" in name and "NAME" not in name]
    assert len(paths) > 5
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("assert row, f'no row for {row}: add one to rows.py'", ["rows.py"]),
        ("assert row, 'add one to tests/custom_layers/rows/'", []),
        ("pytest.skip('see docs/nothing.md')", ["docs/nothing.md"]),
        ("raise ValueError('see tests/nowhere/')", ["tests/nowhere/"]),
        ("path = 'zoo/models/mine.py'", []),
    ],
)
def test_a_file_that_is_not_there_is_found(source, found):
    assert missing(source, ROOT) == found


PAGES = [*(ROOT / "docs").glob("*.md"), *(ROOT / "benchmarks").glob("*.md")]
PAGES += [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []
