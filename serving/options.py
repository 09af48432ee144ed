"""Options of a server, under the names of TensorFlow Serving's flags."""

import dataclasses
import os
from pathlib import Path

from serving.errors import ServingError

MEGABYTE = 2**20
_POSITIVE = (
    *("workers", "grpc_max_threads", "rest_api_timeout_in_ms", "rest_api_num_threads"),
    *("max_request_bytes", "max_pending_bytes", "max_header_bytes", "max_connections"),
    *("header_timeout_seconds", "body_timeout_seconds", "idle_timeout_seconds"),
)
_NOT_NEGATIVE = (
    *("drain_seconds", "worker_timeout_seconds"),
    *("max_num_load_retries", "num_load_threads"),
)


_FILES = (
    *("model_config_file", "grpc_socket_path", "ssl_config_file"),
    *("batching_parameters_file", "monitoring_config_file"),
)


@dataclasses.dataclass(frozen=True)
class ServerOptions:
    """Options of a server; a field is a flag of `zoo serve`.

    Each path may be a text.

    Args:
        model_base_path: One model, a folder of integer versions, or a folder of such
            folders.
        model_name: The name of the one model, or which of several to serve.
        model_config_file: A `ModelServerConfig` as protobuf text, in place of a path.
        model_config_file_poll_wait_seconds: Seconds between two readings of it; 0 reads
            it once.
        file_system_poll_wait_seconds: Seconds between two polls for new versions; 0
            looks once, at the start; below 0, never.
        host: Address to listen on.
        port: Port of gRPC; 0 takes a free one.
        rest_api_port: Port of REST; 0 takes a free one.
        grpc_socket_path: A Unix socket for gRPC as well.
        grpc_max_threads: Threads of gRPC at most; one event loop a worker needs one.
        grpc_channel_arguments: `key=value,key=value`.
        rest_api_timeout_in_ms: Milliseconds until a request ends with 504.
        rest_api_num_threads: Threads that read and write bodies.
        rest_api_enable_cors_support: Answer requests of pages from elsewhere.
        ssl_config_file: `SSLConfig` as protobuf text, for gRPC.
        enable_grpc_healthcheck_service: Serve `grpc.health.v1.Health`.
        engine: `tensorflow`, `onnx`, `litert`, your own, or `auto`: the fastest whose
            outputs the manifest proves equal.
        prefer_tflite_model: Take `model.tflite` where a version has one.
        trust: Load models that `export.inspect` refuses, too.
        workers: Processes that answer; without it one for each core, 2 at least and 4
            at most.
        enable_batching: Batch requests for models that no batch of ours proves fit for
            it, too.
        batching_parameters_file: `BatchingParameters` as protobuf text.
        monitoring_config_file: `MonitoringConfig` as protobuf text.
        enable_model_warmup: Replay the warm-up records of a version before it serves.
        allow_version_labels_for_unavailable_models: Let a new configuration give labels
            to versions that are not loaded yet.
        max_num_load_retries: How often a load that failed is tried again.
        load_retry_interval_micros: Microseconds between two such tries.
        num_load_threads: Threads that load models at the start; 0 loads one by one.
        tensorflow_session_parallelism: Threads of TensorFlow, in an operator and
            between operators; 0 leaves both to it.
        tensorflow_intra_op_parallelism: Threads in an operator.
        tensorflow_inter_op_parallelism: Threads between operators.
        drain_seconds: How long requests in flight may take after SIGTERM.
        worker_timeout_seconds: A worker without a sign of life for so long is killed
            and replaced; 0 waits for ever.
        max_request_bytes: A longer body, also after decompression, is refused.
        max_pending_bytes: Bodies of all requests of a worker together, with answers
            that are not read yet; more are answered with 503.
        max_header_bytes: Longer headers are refused.
        max_connections: More connections are closed at once.
        header_timeout_seconds: How long the headers of a request may take.
        body_timeout_seconds: How long a body may make no progress, or an answer wait
            for its client once others find no room.
        idle_timeout_seconds: How long a connection may be silent between requests.
        access_log: Log a line for each request.
        allowed_hosts: Names beside localhost that a server on loopback answers to, `*`
            for all.
    """

    model_base_path: str | os.PathLike | None = None
    model_name: str | None = None
    model_config_file: Path | None = None
    model_config_file_poll_wait_seconds: float = 0.0
    file_system_poll_wait_seconds: float = 1.0
    host: str = "127.0.0.1"
    port: int = 8500
    rest_api_port: int = 8501
    grpc_socket_path: Path | None = None
    grpc_max_threads: int = 4
    grpc_channel_arguments: str = ""
    rest_api_timeout_in_ms: int = 30_000
    rest_api_num_threads: int = 4
    rest_api_enable_cors_support: bool = False
    ssl_config_file: Path | None = None
    enable_grpc_healthcheck_service: bool = False
    engine: str = "auto"
    prefer_tflite_model: bool = False
    trust: bool = False
    workers: int | None = None
    enable_batching: bool = False
    batching_parameters_file: Path | None = None
    monitoring_config_file: Path | None = None
    enable_model_warmup: bool = True
    allow_version_labels_for_unavailable_models: bool = False
    max_num_load_retries: int = 5
    load_retry_interval_micros: int = 60_000_000
    num_load_threads: int = 0
    tensorflow_session_parallelism: int = 0
    tensorflow_intra_op_parallelism: int = 0
    tensorflow_inter_op_parallelism: int = 0
    drain_seconds: float = 10.0
    worker_timeout_seconds: float = 30.0
    max_request_bytes: int = 64 * MEGABYTE
    max_pending_bytes: int = 512 * MEGABYTE
    max_header_bytes: int = 65536
    max_connections: int = 1000
    header_timeout_seconds: float = 10.0
    body_timeout_seconds: float = 30.0
    idle_timeout_seconds: float = 75.0
    access_log: bool = False
    allowed_hosts: tuple[str, ...] = ()

    @property
    def worker_count(self) -> int:
        """Processes that answer."""
        return self.workers or min(4, max(2, os.cpu_count() or 1))

    def __post_init__(self) -> None:
        for name in ("model_base_path", *_FILES):
            value = getattr(self, name)
            if isinstance(value, str | os.PathLike):
                # A path would lose a slash of `s3://`, which is refused by name.
                kind = Path if name in _FILES else os.fspath
                object.__setattr__(self, name, kind(value))
            elif value is not None:
                raise ServingError(f"--{name} must be a path. Received: {value!r}")
        for name in _POSITIVE:
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ServingError(f"--{name} must be above 0. Received: {value}")
        for name in _NOT_NEGATIVE:
            if getattr(self, name) < 0:
                raise ServingError(
                    f"--{name} must be 0 or more. Received: {getattr(self, name)}"
                )
        if self.batching_parameters_file is not None and not self.enable_batching:
            raise ServingError("--batching_parameters_file needs --enable_batching.")
        if self.rest_api_port == self.port != 0:
            raise ServingError(
                f"--rest_api_port cannot be same as --port. Received: {self.port} twice"
            )
