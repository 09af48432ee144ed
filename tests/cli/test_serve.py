"""The flags of `zoo serve`: TensorFlow Serving's, ours, and those that are refused."""

import dataclasses
import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import serving
from serving.options import ServerOptions
from zoo.cli import main
from zoo.cli.serve import _OneLine
from zoo.cli.serve_flags import GROUPS, REFUSED

# Every flag of TensorFlow Serving's main.cc.
THEIRS = {
    "port",
    "grpc_socket_path",
    "rest_api_port",
    "rest_api_num_threads",
    "rest_api_timeout_in_ms",
    "rest_api_enable_cors_support",
    "enable_batching",
    "allow_version_labels_for_unavailable_models",
    "batching_parameters_file",
    "enable_per_model_batching_parameters",
    "model_config_file",
    "model_config_file_poll_wait_seconds",
    "model_name",
    "model_base_path",
    "num_load_threads",
    "num_unload_threads",
    "max_num_load_retries",
    "load_retry_interval_micros",
    "file_system_poll_wait_seconds",
    "flush_filesystem_caches",
    "tensorflow_session_parallelism",
    "tensorflow_session_config_file",
    "tensorflow_intra_op_parallelism",
    "tensorflow_inter_op_parallelism",
    "use_alts_credentials",
    "ssl_config_file",
    "platform_config_file",
    "per_process_gpu_memory_fraction",
    "saved_model_tags",
    "grpc_channel_arguments",
    "grpc_max_threads",
    "enable_model_warmup",
    "num_request_iterations_for_warmup",
    "version",
    "monitoring_config_file",
    "remove_unused_fields_from_bundle_metagraph",
    "prefer_tflite_model",
    "num_tflite_pools",
    "num_tflite_interpreters_per_pool",
    "enable_signature_method_name_check",
    "xla_cpu_compilation_enabled",
    "xla_gpu_compilation_enabled",
    "enable_profiler",
    "thread_pool_factory_config_file",
    "mixed_precision",
    "skip_initialize_tpu",
    "enable_grpc_healthcheck_service",
    "enable_serialization_as_tensor_content",
}
FIELDS = {field.name for field in dataclasses.fields(ServerOptions)}


@pytest.fixture
def ask(capsys):
    """Runs a command; returns exit code, output and errors."""

    def run(*arguments):
        code = main.run([*arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def options(monkeypatch):
    """Returns the options that a command line stands for."""

    def read(*arguments, program="zoo"):
        given = []
        monkeypatch.setattr(serving, "serve", lambda **each: given.append(each))
        assert main.run(["serve", *map(str, arguments)], program) == 0
        return ServerOptions(**given[0])

    return read


def test_each_flag_of_theirs_is_honoured_or_refused():
    assert {"version"} == THEIRS - FIELDS - REFUSED.keys()
    assert REFUSED.keys() <= THEIRS - FIELDS


def test_the_reason_of_a_refusal_holds():
    """Answers over gRPC hold their numbers in `float_val`."""
    from serving.protocol.messages import message
    from serving.protocol.predict_messages import encode_predict_message

    spec = message("tensorflow.serving.ModelSpec")()
    answer = message("tensorflow.serving.PredictResponse").FromString(
        encode_predict_message(spec, {"y": np.float32([1])}, ["y"])
    )
    holds_content = bool(answer.outputs["y"].tensor_content)
    reason, honoured = REFUSED["enable_serialization_as_tensor_content"]
    assert ("as tensor content" in reason, honoured == "true") == (holds_content,) * 2


def test_each_option_is_in_one_group():
    names = [name for group in GROUPS.values() for name in group]
    assert sorted(names) == sorted(FIELDS)


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        (["--model_base_path=/m"], "model_base_path", "/m"),
        (["--model-base-path", "/m"], "model_base_path", "/m"),
        (["--model_name=x"], "model_name", "x"),
        (["--port=9000"], "port", 9000),
        (["--rest_api_port", "0"], "rest_api_port", 0),
        (["--grpc_socket_path=a.sock"], "grpc_socket_path", Path("a.sock")),
        (["--enable_batching"], "enable_batching", True),
        (["--enable_batching=true"], "enable_batching", True),
        (["--enable_batching=1"], "enable_batching", True),
        (["--enable_model_warmup=false"], "enable_model_warmup", False),
        (["--file_system_poll_wait_seconds=0.5"], "file_system_poll_wait_seconds", 0.5),
        (["--file_system_poll_wait_seconds=-1"], "file_system_poll_wait_seconds", -1),
        (["--load_retry_interval_micros=-1"], "load_retry_interval_micros", -1),
        (["--drain_seconds=3"], "drain_seconds", 3.0),
        (["--workers", "3"], "workers", 3),
        (["--trust"], "trust", True),
        (["--engine=onnx"], "engine", "onnx"),
        (["--allowed-hosts=a", "--allowed-hosts=b"], "allowed_hosts", ("a", "b")),
        ([], "port", 8500),
        ([], "rest_api_port", 8501),
        ([], "host", "127.0.0.1"),
    ],
)
def test_flags(options, arguments, name, value):
    assert getattr(options(*arguments), name) == value


def test_an_empty_value_is_none(options):
    """As scripts write `--flag=$UNSET`, and TensorFlow Serving's defaults are."""
    fields = [field for field in dataclasses.fields(ServerOptions) if not field.default]
    names = [field.name for field in fields if field.default is None]
    given = options(*(f"--{name}=" for name in names if name != "workers"))
    assert {getattr(given, name) for name in names} == {None}


def test_an_empty_base_path_is_not_this_folder(ask):
    code, _, err = ask("serve", "--model_base_path=")
    assert code == 1
    assert "There is nothing to serve." in err


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused_flags(ask, options, name):
    reason, *honoured = REFUSED[name]
    code, _, err = ask("serve", f"--{name}=other")
    assert code == 2
    assert f"flag --{name} is not supported: {reason}." in err
    for value in honoured:
        options(f"--{name}={value}")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("--port=70000", "0<=x<=65535"),
        ("--port=x", "'x' is not a valid integer."),
        ("-port=1", "-port=1 is written --port=1 here."),
        ("-enable_batching", "-enable_batching is written --enable_batching here."),
        ("--noenable_batching", "is written --enable_batching=false here."),
        ("--no-enable-model-warmup", "is written --enable_model_warmup=false here."),
        ("models", "A folder of models is given as --model_base_path=models."),
        ("--enable_batching=maybe", "'maybe' is not a valid boolean"),
        ("--engine=torch", "Unknown engine 'torch'"),
    ],
)
def test_values_that_are_none(ask, arguments, text):
    code, _, err = ask("serve", "--model_base_path=/m", arguments)
    assert code == 2
    assert text in err


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"workers": 0}, "--workers must be above 0. Received: 0"),
        ({"drain_seconds": -1}, "--drain_seconds must be 0 or more"),
        ({"max_request_bytes": 0}, "--max_request_bytes must be above 0"),
        ({"port": 8501}, "--rest_api_port cannot be same as --port"),
        ({"batching_parameters_file": "x"}, "needs --enable_batching"),
    ],
)
def test_options_that_cannot_be(given, text):
    with pytest.raises(serving.ServingError, match=text):
        ServerOptions(**given)


def test_the_drop_in_names_one_model_default(options, tmp_path):
    one, several = tmp_path / "one", tmp_path / "several"
    (one / "1").mkdir(parents=True)
    (several / "a" / "1").mkdir(parents=True)
    for path, name in ((one, "default"), (several, None), (tmp_path / "x", "default")):
        given = options("--model_base_path", path, program="zoo-model-server")
        assert given.model_name == name
        assert options("--model_base_path", path).model_name is None
    own = ("--model_base_path", one, "--model_name=own")
    assert options(*own, program="zoo-model-server").model_name == "own"


def test_help_says_what_options_mean(ask):
    code, out, _ = ask("serve", "--help")
    assert code == 0
    for title in GROUPS:
        assert f"\n{title}:\n" in out
    for name in FIELDS:
        assert f"--{name.replace('_', '-')}" in out
    assert "Several: zoo serve --model_config_file=models.config\n" in out
    assert "enable-profiler" not in out


def test_names_of_models_forge_no_lines_of_the_log():
    formatter = _OneLine("%(levelname)s %(message)s")
    record = logging.makeLogRecord(
        {"levelname": "ERROR", "msg": "%s failed", "args": ("a\x1b[31m\nERROR b",)}
    )
    assert formatter.format(record) == "ERROR a\\x1b[31m\\nERROR b failed"


def test_the_other_commands_are_not_imported():
    code = (
        "import sys; from zoo.cli.main import run; run(['serve', '--help']); "
        "sys.exit(' '.join(sys.modules.keys() & {'zoo.cli.train', 'zoo.cli.bench'}))"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stderr.strip() == ""
