"""Functions whose keyword arguments are the fields of a dataclass."""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def takes_fields(kind: type) -> Callable[[Function], Function]:
    """Lists the fields of a dataclass where `help` shows a function's `**keywords`.

    Fields that are parameters of the function already keep their place.

    Example:

    >>> @dataclasses.dataclass
    ... class Options:
    ...     port: int = 8500
    >>> @takes_fields(Options)
    ... def serve(path, **options): ...
    >>> str(inspect.signature(serve))
    '(path, *, port: int = 8500)'
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        own = [
            parameter
            for parameter in signature.parameters.values()
            if parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]
        known = {parameter.name for parameter in own}
        others = [
            inspect.Parameter(
                field.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=_default(field),
                annotation=field.type,
            )
            for field in dataclasses.fields(kind)
            if field.name not in known
        ]
        function.__signature__ = signature.replace(  # pyright: ignore
            parameters=[*own, *others]
        )
        return function

    return decorate


def _default(field: dataclasses.Field) -> Any:
    default = field.default
    # pydantic keeps its description of a field there.
    return getattr(default, "default", default)
