"""Where commands write is checked before their work is done."""

import os

import click
import pytest

from zoo.cli.main import cli, run
from zoo.cli.output_path import OutputPath
from zoo.errors import ArgumentError


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [
        ("file", "a.txt/x", "a.txt is no folder."),
        ("folder", "a.txt/x/y", "a.txt is no folder."),
        ("either", "a.txt/x", "a.txt is no folder."),
        ("file", "folder", "folder cannot be written: it is a folder; give a file."),
        ("folder", "a.txt", "a.txt cannot be written: it is a file; give a folder."),
        ("file", "x" * 300, "cannot be written: File name too long."),
        ("file", "/proc/1/x", "nothing may be written to /proc/1."),
    ],
)
def test_what_cannot_be_written(tmp_path, monkeypatch, kind, name, reason):
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "folder").mkdir()
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: str(path) != "/proc/1" and access(path, mode)
    )
    with pytest.raises(ArgumentError) as caught:
        OutputPath(kind).convert(tmp_path / name, None, None)
    assert str(caught.value).endswith(reason)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.txt", "folder"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("file", "new/er/x"),
        ("file", "a.txt"),
        ("folder", "folder"),
        ("folder", "folder/new"),
        ("either", "folder"),
        ("file", "/dev/null"),
    ],
)
def test_what_can_be_written(tmp_path, kind, name):
    (tmp_path / "a.txt").write_text("")
    (tmp_path / "folder").mkdir()
    path = tmp_path / name
    assert OutputPath(kind).convert(str(path), None, None) == path
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.txt", "folder"]


def commands(group):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield from commands(command) if isinstance(command, click.Group) else (command,)


def test_every_output_is_checked():
    every = list(commands(cli))
    assert len(every) > 30
    unchecked = {
        command.name
        for command in every
        for option in command.params
        if isinstance(option, click.Option) and {"--output", "--page"} & {*option.opts}
        if not isinstance(option.type, OutputPath)
    }
    assert unchecked == set()


@pytest.mark.parametrize(
    "arguments",
    [
        "explain lenet5.mnist seven.png --output file/x",
        "report one two --output file/x.html",
        "predict lenet5.mnist seven.png --output file/x.csv",
        "sample vae.digits --output file/x.png",
        "show xor --output file/x",
        "compress seven.png --output file/x.zooc",
        "decompress x.zooc --output file/x",
        "data fruit.csv --page file/x.html",
        "tune mlp --output file/x",
        "export mlp.iris --base-path file/x",
        "vectors save w file/x.bin",
        "deploy docker file/x",
    ],
)
def test_a_command_says_so_before_it_works(capsys, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert run(arguments.split()) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("zoo: ")
    assert err.endswith(f" cannot be written: {tmp_path / 'file'} is no folder.\n")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_training_says_so_before_it_begins(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" / "x"
    assert run(["train", "mlp.xor", "--epochs", "1", "--output", str(folder)]) == 1
    said = f"zoo: Cannot write to {folder}: Not a directory; give another --output.\n"
    assert capsys.readouterr().err == said


def test_an_archive_that_is_missing(capsys, tmp_path):
    assert run(["decompress", str(tmp_path / "x.zooc")]) == 1
    said = f"zoo: There is no archive {tmp_path / 'x.zooc'}; check the path.\n"
    assert capsys.readouterr().err == said


def test_an_error_of_the_system_names_the_file_and_no_number(capsys, monkeypatch):
    def fails(*arguments, **more):
        raise OSError(28, os.strerror(28), "x/y")

    monkeypatch.setattr("zoo.datasets.examination.examine_data", fails)
    assert run(["data", "iris"]) == 1
    assert capsys.readouterr().err == "zoo: x/y: No space left on device.\n"
