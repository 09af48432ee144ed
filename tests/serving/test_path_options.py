"""Options that are paths may be texts, or any `os.PathLike`."""

from pathlib import Path

import pytest

from serving.errors import ServingError
from serving.options import ServerOptions

NAMES = (
    *("model_base_path", "model_config_file", "grpc_socket_path", "ssl_config_file"),
    *("batching_parameters_file", "monitoring_config_file"),
)


class Place:
    """A path that is neither `str` nor `Path`."""

    def __init__(self, text):
        self.text = text

    def __fspath__(self):
        return self.text


@pytest.mark.parametrize("name", NAMES)
def test_each_path_may_be_a_text(name):
    for value in ("a/b", Path("a/b"), Place("a/b")):
        options = ServerOptions(enable_batching=True, **{name: value})
        assert Path(getattr(options, name)) == Path("a/b")
    assert getattr(ServerOptions(), name) is None
    with pytest.raises(ServingError, match=f"--{name} must be a path. Received: 3"):
        ServerOptions(enable_batching=True, **{name: 3})


def test_every_path_is_here():
    fields = ServerOptions.__dataclass_fields__.values()
    assert {each.name for each in fields if "Path" in str(each.type)} == {*NAMES}
