"""`zoo show`: a list, or pictures and a page."""

import json

from zoo.cli.main import run


def test_without_a_name_they_are_listed(capsys):
    assert run(["show"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["name", "shows"]
    assert "xor          Decision boundaries of XOR, by depth" in rows
    assert run(["show", "--json"]) == 0
    names = [each["name"] for each in json.loads(capsys.readouterr().out)["shows"]]
    assert names == sorted(names) and len(names) == len(rows) == 9


def test_one_is_drawn(capsys, tmp_path):
    assert run(["show", "step", "--output", str(tmp_path / "out")]) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == (f"{tmp_path / 'out/show.html'}\n", "")
    names = {each.name for each in (tmp_path / "out").iterdir()}
    assert names == {"step.png", "show.json", "show.html"}


def test_a_wrong_name(capsys):
    assert run(["show", "xnor"]) == 1
    assert capsys.readouterr().err == (
        "zoo: Unknown show 'xnor'. Did you mean xor? `zoo show` lists them.\n"
    )


def test_names_and_all_of_them(capsys, tmp_path):
    assert run(["show", "--all", "step", "--output", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err == "zoo: Give NAME, or --all.\n"
    assert not (tmp_path / "out").exists()
