"""What a stop signal becomes when a library gets in its way."""

import os
import signal
import sys

import click
import pytest

from zoo.cli import main


@pytest.fixture
def command(monkeypatch):
    """Adds a command that signals its own process while a library catches all."""

    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)

    def add(number):
        @click.command("spin")
        def spin():
            try:
                os.kill(os.getpid(), number)
            except BaseException as error:
                raise TypeError("Failed to convert elements to Tensor.") from error

        monkeypatch.setitem(main.cli.commands, "spin", spin)

    return add


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_swallowed_signal_still_ends_the_command(command, capsys, number):
    command(number)
    assert main.run(["spin"]) == 128 + number
    assert capsys.readouterr().err == "zoo: interrupted.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_on_a_terminal_the_sentence_stands_below_what_was_typed(
    command, capsys, monkeypatch, number
):
    """The terminal shows `^C` and stays in that line; nobody types SIGTERM."""
    command(number)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    main.run(["spin"])
    below = "\n" if number == signal.SIGINT else ""
    assert capsys.readouterr().err == f"{below}zoo: interrupted.\n"


def test_what_is_left_half_built_is_silent(command, capfd):
    class HalfBuilt:
        def __del__(self):
            raise AttributeError("never built")

    command(signal.SIGINT)
    assert main.run(["spin"]) == 130
    HalfBuilt()
    assert "never built" not in capfd.readouterr().err


def test_handlers_are_put_back():
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    main.run(["--version"])
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_bug_shows_its_trace(monkeypatch):
    @click.command("spin")
    def spin():
        raise TypeError("a bug")

    monkeypatch.setitem(main.cli.commands, "spin", spin)
    with pytest.raises(TypeError, match="a bug"):
        main.run(["spin"])
