"""Something happens once a module is imported, whoever imports it."""

import importlib.util
import sys

import pytest

from zoo.import_hooks import after_import

NAME = "watched_module"


@pytest.fixture
def calls(tmp_path, monkeypatch):
    (tmp_path / f"{NAME}.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    calls = []
    after_import(NAME, lambda: calls.append(sys.modules[NAME].value))
    yield calls
    sys.modules.pop(NAME, None)


def test_the_first_import_calls_when_the_module_is_there(calls):
    assert calls == [] and NAME not in sys.modules
    module = importlib.import_module(NAME)
    assert calls == [1]
    importlib.reload(module)
    assert calls == [1]


def test_to_look_for_the_module_calls_nothing_and_uses_nothing_up(calls):
    assert importlib.util.find_spec(NAME) is not None
    assert calls == []
    importlib.import_module(NAME)
    assert calls == [1]


def test_an_import_that_fails_is_tried_again(calls, tmp_path):
    good, file = "value = 1\n", tmp_path / f"{NAME}.py"
    file.write_text("raise RuntimeError\n")
    with pytest.raises(RuntimeError):
        importlib.import_module(NAME)
    assert calls == []
    file.write_text(f"# of another length\n{good}")
    importlib.invalidate_caches()
    importlib.import_module(NAME)
    assert calls == [1]


def test_a_module_that_is_there_calls_at_once():
    calls = []
    after_import("sys", lambda: calls.append(1))
    assert calls == [1]


def test_another_module_and_none_are_found_as_ever(calls):
    assert importlib.util.find_spec("no_such_module") is None
    assert importlib.util.find_spec("json") is not None
    assert calls == []
