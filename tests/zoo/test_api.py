"""The public API: what `help` shows."""

import inspect

import pytest

import export
import serving
import zoo

PUBLIC = [
    (package, name)
    for package in (zoo, export, serving)
    for name in package.__all__
    if callable(found := getattr(package, name))
    and not (inspect.isclass(found) and issubclass(found, Exception))
]
# Whose keywords are the arguments of a builder, whatever it takes.
OPEN = {"create_model", "register"}


@pytest.mark.parametrize(
    ("package", "name"), PUBLIC, ids=lambda each: getattr(each, "__name__", each)
)
def test_help_shows_the_parameters(package, name):
    public = getattr(package, name)
    assert inspect.getdoc(public)
    parameters = inspect.signature(public).parameters.values()
    kinds = {parameter.kind for parameter in parameters}
    assert (inspect.Parameter.VAR_KEYWORD in kinds) == (name in OPEN)


def test_helpers_of_one_task_are_in_modules_of_their_own():
    assert not {"encoder", "decoder", "generate", "neighbours"} & set(zoo.__all__)
