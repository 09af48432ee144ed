"""`zoo report`: of one run or several, and nothing else on the terminal."""

from pathlib import Path

import pytest

import zoo
from zoo.cli.main import run


def test_several_runs_are_reported_on_one_page(monkeypatch, capsys):
    calls = []

    def report(*runs, **options):
        calls.append(([str(each) for each in runs], options))
        return "page.html"

    monkeypatch.setattr(zoo, "report", report, raising=False)
    assert run(["report", "a", "b", "--output", "c.html"]) == 0
    assert run(["report", "a", "b"]) == 0
    outputs = [Path("c.html"), Path("comparison.html")]
    assert calls == [(["a", "b"], {"output": each}) for each in outputs]
    assert capsys.readouterr().out == "page.html\npage.html\n"


def test_the_page_of_one_run_lies_in_its_folder(capsys):
    assert run(["report", "a", "--output", "c.html"]) == 2
    assert capsys.readouterr().err == (
        "zoo: --output is for several runs; the report of one lies in its folder.\n"
    )


def test_a_run_is_not_laid_beside_itself(capsys, tmp_path):
    assert run(["report", f"{tmp_path}/a", f"{tmp_path}/b/../a"]) == 1
    assert capsys.readouterr().err == (
        f"zoo: {tmp_path}/a is given twice; give each run once.\n"
    )


@pytest.fixture(params=["to be built", "not writable"])
def cache(request, monkeypatch, tmp_path):
    """Matplotlib's cache, of which it speaks on standard error."""
    path = tmp_path / "cache" if request.param == "to be built" else Path("/proc/none")
    monkeypatch.setenv("MPLCONFIGDIR", str(path))


@pytest.mark.slow
def test_a_report_prints_only_where_it_lies(cache, finished, zoo_command):
    folder, _ = finished
    process = zoo_command("report", folder)
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout == f"{folder / 'report.html'}\n"
