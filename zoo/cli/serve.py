"""`zoo serve`, and the same as `zoo-model-server`."""

import dataclasses
import logging
import os
import re
import typing
from pathlib import Path
from typing import Any

import click

from serving.options import ServerOptions
from zoo.cli.registered import RegisteredName
from zoo.cli.serve_flags import GROUPS, REFUSED
from zoo.messages import printable

MODEL_SERVER = "zoo-model-server"
_TYPES = typing.get_type_hints(ServerOptions)
# `-flag`, as Go's programs take it, and `--noflag`, as Google's do.
_FOREIGN = re.compile(r"(?:-|--(?P<no>no)-?)(?P<name>[a-z][a-z_-]+)(?P<value>=.*)?")
_ENGINE = RegisteredName("engine", "serving.engines:list_engines", "auto")


class _OneLine(logging.Formatter):
    """Writes messages in one line each: the names of models are those of folders."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """See `logging.Formatter`."""
        return printable(super().formatMessage(record).replace("\n", "\\n"))


class Port(click.IntRange):
    """The number of a port."""

    name = "integer"  # as messages and `--help` call it

    def __init__(self) -> None:
        super().__init__(0, 65535)


class OptionalPath(click.Path):
    """A path; an empty one is none, as scripts write `--flag=$UNSET`."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """See `click.Path`."""
        return None if value == "" else super().convert(value, param, ctx)


class GroupedOptions(click.Command):
    """A command whose `--help` shows the fields of `ServerOptions` in groups."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Says how a flag is spelt here that other programs spell differently."""
        names = {option.name or "" for option in self.get_params(ctx)}
        for argument in args:
            found = _FOREIGN.fullmatch(argument)
            if found and (name := found["name"].replace("-", "_")) in names:
                value = "=false" if found["no"] else found["value"] or ""
                raise click.UsageError(f"{argument} is written --{name}{value} here.")
        return super().parse_args(ctx, args)

    def format_options(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Writes the groups, and last what every command takes."""
        about = _documented()
        options = {option.name: option for option in self.get_params(ctx)}
        for title, names in GROUPS.items():
            rows = []
            for name in names:
                option = options.pop(name)
                assert isinstance(option, click.Option)
                option.help = about[name]
                rows.append(option.get_help_record(ctx))
            with formatter.section(title):
                formatter.write_dl([row for row in rows if row is not None])
        rows = [option.get_help_record(ctx) for option in options.values()]
        with formatter.section("Others"):
            formatter.write_dl([row for row in rows if row is not None])


def _documented() -> dict[str, str]:
    """What the docstring of `ServerOptions` says of each field."""
    entries = re.split(r"\n {8}(?=\w+: )", ServerOptions.__doc__ or "")[1:]
    pairs = (entry.partition(": ")[::2] for entry in entries)
    return {name: " ".join(text.split()) for name, text in pairs}


def _option(field: dataclasses.Field) -> click.Option:
    flag, kind = "--" + field.name.replace("_", "-"), _TYPES[field.name]
    if kind is bool:
        # `--flag`, `--flag=true` and `--flag=false`, as TensorFlow Serving takes them.
        return click.Option(
            [flag],
            type=bool,
            default=field.default,
            show_default=True,
            is_flag=False,
            flag_value=True,
        )
    types = [
        each for each in typing.get_args(kind) or (kind,) if each is not type(None)
    ]
    if field.name == "engine":
        chosen: Any = _ENGINE
    elif kind == tuple[str, ...]:
        return click.Option([flag], multiple=True, metavar="NAME")
    elif field.name == "model_base_path":
        chosen = str
    elif types == [Path]:
        chosen = OptionalPath(path_type=Path)
    elif field.name in ("port", "rest_api_port"):
        chosen = Port()
    else:
        (chosen,) = types
    return click.Option(
        [flag],
        type=chosen,
        default=field.default,
        show_default=field.default not in (None, ""),
        callback=_none_if_empty if field.default is None else None,
    )


def _none_if_empty(context: click.Context, option: click.Parameter, value: Any) -> Any:
    return None if value == "" else value


def _refused(name: str) -> click.Option:
    reason, *honoured = REFUSED[name]

    def refuse(context: click.Context, option: click.Parameter, value: str) -> None:
        if value is not None and value.lower() not in honoured:
            raise click.UsageError(
                f"TensorFlow Serving's flag --{name} is not supported: {reason}."
            )

    return click.Option(
        [f"--{name.replace('_', '-')}"],
        hidden=True,
        expose_value=False,
        is_flag=False,
        flag_value="true",
        callback=refuse,
    )


@click.command(
    cls=GroupedOptions,
    params=[
        *(_option(field) for field in dataclasses.fields(ServerOptions)),
        *map(_refused, REFUSED),
    ],
    context_settings={"allow_extra_args": True},
)
@click.option(
    "--log-level",
    type=click.Choice(["error", "warning", "info", "debug"]),
    default="info",
    show_default=True,
    help="info says which versions are loaded and unloaded.",
)
@click.version_option(package_name="keras-serving-zoo", prog_name=MODEL_SERVER)
@click.pass_context
def serve(context: click.Context, log_level: str, **options: Any) -> None:
    """Serve models behind TensorFlow Serving's REST and gRPC until SIGTERM or Ctrl-C.

    Flags are those of tensorflow_model_server, with underscores or hyphens, and more.

    \b
    Example: zoo serve --model-base-path models --rest-api-port 8501
    One model: zoo serve --model_name=lenet5 --model_base_path=/models/lenet5
    Several: zoo serve --model_config_file=models.config
    """
    if context.args:
        raise click.UsageError(
            f"Unexpected argument {context.args[0]}. A folder of models is given as "
            f"--model_base_path={context.args[0]}."
        )
    # A worker multiplies in ONNX Runtime or TensorFlow; numpy's threads would idle.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import serving

    if context.find_root().info_name == MODEL_SERVER and options["model_name"] is None:
        options["model_name"] = _name_of_one_model(options["model_base_path"])
    _log(log_level, options["access_log"])
    serving.serve(**options)


def _name_of_one_model(base_path: str | None) -> str | None:
    """TensorFlow Serving calls it `default`; a folder of several names them itself."""
    from serving.models.repository import ModelFolder

    try:
        models = ModelFolder(base_path or "").models()
    except OSError:
        models = []
    several = any(
        model.base_path != Path(base_path or "").absolute() for model in models
    )
    return None if several else "default"


def _log(level: str, access_log: bool) -> None:
    """Writes what `serving` logs to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler])
    logging.getLogger("serving").setLevel(level.upper())
    requests = logging.getLogger("serving.access")
    requests.setLevel(logging.INFO if access_log else logging.WARNING)
