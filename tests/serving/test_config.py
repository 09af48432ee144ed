"""`ModelServerConfig`: models, version policies and labels as TensorFlow Serving."""

import logging
import shutil

import numpy as np
import pytest

from serving.errors import Code, ServingError, StatusError
from serving.models.config import Configuration
from serving.options import ServerOptions
from serving.protocol.messages import parse_text
from serving.protocol.model_spec import ModelSpec

from .plane import Plane

X = {"x": np.float32([1.0])}


@pytest.fixture
def base(tmp_path, write_scale_model):
    """`scale` with versions 1, 2 and 3, which multiply by their number."""
    for version in (1, 2, 3):
        write_scale_model(tmp_path / "scale" / str(version), version)
    return tmp_path


@pytest.fixture
def served():
    """Starts control planes of configurations, and closes them."""
    started = []

    def start(text, folder, **options):
        path = folder / "models.config"
        path.write_text(text)
        started.append(Plane(model_config_file=path, **options))
        started[-1].refresh()
        return started[-1]

    yield start
    for each in started:
        each.close()


def config(base, more="", names=("scale",)):
    models = [
        f'config {{ name: "{name}" base_path: "{base / name}" '
        f'model_platform: "tensorflow" {more} }}'
        for name in names
    ]
    return f"model_config_list {{ {' '.join(models)} }}"


def message(text):
    return parse_text("tensorflow.serving.ModelServerConfig", text.encode(), "a test")


def answer(served, **spec):
    with served.manager.use(ModelSpec("scale", **spec)) as servable:
        return servable.engine.predict("serving_default", X)["y"].item()


def available(served, name="scale"):
    rows = served.manager.status(name)
    return [row.version for row in rows if row.state.name == "AVAILABLE"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("", [3]),
        ("model_version_policy { latest { num_versions: 2 } }", [3, 2]),
        ("model_version_policy { latest { } }", [3]),
        ("model_version_policy { all { } }", [3, 2, 1]),
        ("model_version_policy { specific { versions: 1 versions: 3 } }", [3, 1]),
        ("model_version_policy { specific { versions: 2 versions: 9 } }", [2]),
    ],
)
def test_version_policies(base, served, policy, expected):
    plane = served(config(base, policy), base)
    assert available(plane) == expected
    assert answer(plane) == expected[0]
    for version in (1, 2, 3):
        if version in expected:
            assert answer(plane, version=version) == version
        else:
            with pytest.raises(StatusError, match=rf"Specific\(scale, {version}\)"):
                answer(plane, version=version)


def test_versions_that_are_asked_for_and_missing_are_said_once(base, served, caplog):
    caplog.set_level(logging.WARNING)
    policy = "model_version_policy { specific { versions: 7 versions: 2 versions: 9 } }"
    plane = served(config(base, policy), base)
    plane.refresh()
    said = " ".join(record.getMessage() for record in caplog.records)
    for version in (7, 9):
        line = f"Version {version} of servable scale, which was requested to be served"
        assert said.count(line) == 1
    assert "Version 2" not in said


def test_a_version_of_another_folder_is_not_loaded_under_its_number(
    base, served, write_scale_model, caplog
):
    write_scale_model(base / "moved" / "3", 30)
    plane = served(config(base), base)
    text = config(base).replace(f"{base}/scale", f"{base}/moved")
    plane.run(plane.plane.reload_config(message(text)))
    # As TensorFlow Serving, but it says so.
    assert answer(plane) == 3
    assert f"Version 3 of servable scale is served from {base}/scale/3" in caplog.text
    write_scale_model(base / "moved" / "4", 4)
    caplog.clear()
    plane.refresh()
    assert answer(plane) == 4


@pytest.mark.parametrize("start", ["\ufeff", "# a comment\r\n"])
def test_what_editors_put_before_a_config(base, served, start):
    assert available(served(start + config(base), base)) == [3]


def test_the_window_of_latest_versions_moves(base, served, write_scale_model):
    policy = "model_version_policy { latest { num_versions: 2 } }"
    plane = served(config(base, policy), base)
    write_scale_model(base / "scale" / "4", 4)
    plane.refresh()
    assert available(plane) == [4, 3]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("model_config_list {", r"Invalid protobuf file: '.*'.*ModelServerConfig: 1:"),
        ("models {}", r"ModelServerConfig: 1:1: .*models"),
        (
            'model_config_list { config { name: "m" base_path: "rel" '
            'model_platform: "tensorflow" } }',
            r"Expected model m to have an absolute path or URI; got base_path\(\)=rel",
        ),
        (
            'model_config_list { config { name: "m" base_path: "/m" } }',
            "Illegal setting neither ModelServerConfig::model_type",
        ),
        (
            'model_config_list { config { name: "m" base_path: "/m" '
            'model_platform: "caffe" } }',
            "Model m requests unsupported platform caffe",
        ),
        (
            'model_config_list { config { name: "m" base_path: "gs://b/m" '
            'model_platform: "tensorflow" } }',
            "gs://b/m is not a folder of this machine",
        ),
        (
            "model_config_list {"
            + 2 * ' config { name: "m" base_path: "/m" model_platform: "tensorflow" }'
            + "}",
            "Illegal to list model m multiple times in config list",
        ),
        ("custom_model_config { }", "does not yet support custom model config"),
        (
            'model_config_list { config { name: "m" base_path: "/m" '
            'model_platform: "tensorflow" version_labels { key: "a" value: 1 } } }',
            "Request to assign label to version 1 of model m, which is not currently",
        ),
    ],
)
def test_a_config_that_is_refused(tmp_path, text, error):
    path = tmp_path / "models.config"
    path.write_text(text)
    with pytest.raises(ServingError, match=error):
        Configuration(ServerOptions(model_config_file=path))


def test_no_config_file(tmp_path):
    options = ServerOptions(model_config_file=tmp_path / "nowhere")
    with pytest.raises(ServingError, match="Cannot read .*nowhere: No such file"):
        Configuration(options)


@pytest.mark.parametrize("scheme", ["gs", "s3", "hdfs", "http"])
def test_remote_base_path(scheme):
    path = f"{scheme}://bucket/models"
    with pytest.raises(ServingError, match=f"{path} is not a folder of this machine"):
        Configuration(ServerOptions(path))


def test_labels_are_for_what_is_available(base, served):
    plane = served(config(base), base)
    stable = 'version_labels { key: "stable" value: 3 }'
    plane.run(plane.plane.reload_config(message(config(base, stable))))
    assert answer(plane, label="stable") == 3
    with pytest.raises(StatusError, match="Unrecognized servable version label: beta"):
        answer(plane, label="beta")
    assert [row.version for row in plane.manager.status("scale", label="stable")] == [3]
    other = 'version_labels { key: "stable" value: 1 }'
    with pytest.raises(StatusError, match="version 1 of model scale, which") as refused:
        plane.run(plane.plane.reload_config(message(config(base, other))))
    assert refused.value.code is Code.FAILED_PRECONDITION
    assert "--allow_version_labels_for_unavailable_models" in str(refused.value)
    assert answer(plane, label="stable") == 3


def test_labels_of_unavailable_versions_where_they_are_allowed(base, served):
    labels = 'version_labels { key: "next" value: 4 }'
    plane = served(
        config(base, labels), base, allow_version_labels_for_unavailable_models=True
    )
    with pytest.raises(StatusError, match=r"Specific\(scale, 4\)"):
        answer(plane, label="next")
    moved = 'version_labels { key: "next" value: 5 }'
    with pytest.raises(StatusError, match="version 5 of model scale"):
        plane.run(plane.plane.reload_config(message(config(base, moved))))


def test_reload_adds_and_removes_models(base, served):
    plane = served(config(base), base)
    shutil.copytree(base / "scale", base / "other")
    both = config(base, names=("scale", "other"))
    plane.run(plane.plane.reload_config(message(both)))
    assert available(plane, "other") == [3]
    plane.run(plane.plane.reload_config(message("model_config_list { }")))
    assert available(plane) == available(plane, "other") == []
    assert plane.manager.names() == []  # so a probe does not ask for them
    plane.run(plane.plane.reload_config(message("")))  # changes nothing


def test_reload_with_a_model_that_is_not_there(base, served):
    plane = served(config(base), base)
    both = config(base, names=("scale", "later"))
    with pytest.raises(StatusError, match=r"1 model\(s\) did not become.*later") as end:
        plane.run(plane.plane.reload_config(message(both)))
    assert end.value.code is Code.UNKNOWN
    shutil.copytree(base / "scale", base / "later")
    plane.refresh()
    assert available(plane, "later") == [3]


def test_the_config_file_is_followed(base, served, caplog):
    plane = served(config(base), base, model_config_file_poll_wait_seconds=1)
    policy = "model_version_policy { specific { versions: 1 } }"
    plane.options.model_config_file.write_text(config(base, policy))
    plane.run(plane.plane._reload_config_file())
    assert available(plane) == [1]
    plane.options.model_config_file.write_text("model_config_list {")
    for _ in range(3):
        plane.run(plane.plane._reload_config_file())
    (record,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert "Failed to read ModelServerConfig file: " in record.getMessage()
    assert available(plane) == [1]


def test_a_model_that_arrives_later(tmp_path, served, write_scale_model, caplog):
    plane = served(config(tmp_path), tmp_path)
    with pytest.raises(StatusError, match=r"Latest\(scale\)"):
        answer(plane)
    assert f"Could not find base path {tmp_path / 'scale'} for servable" in caplog.text
    assert (plane.manager.names(), plane.manager.waited_for()) == ([], ["scale"])
    (tmp_path / "scale").mkdir()
    plane.refresh()
    assert "No versions of servable scale found under base path" in caplog.text
    write_scale_model(tmp_path / "scale" / "1", 1)
    plane.refresh()
    assert answer(plane) == 1
    assert (plane.manager.names(), plane.manager.waited_for()) == (["scale"], [])
