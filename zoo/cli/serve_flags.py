"""The flags of `zoo serve`: the fields of `ServerOptions`, in groups for `--help`.

TensorFlow Serving's own are spelt as there. Of its flags, each is either here or among
those that are refused.
"""

GROUPS: dict[str, tuple[str, ...]] = {
    "Models": (
        *("model_base_path", "model_name", "model_config_file"),
        *("model_config_file_poll_wait_seconds", "file_system_poll_wait_seconds"),
        "allow_version_labels_for_unavailable_models",
        *("max_num_load_retries", "load_retry_interval_micros", "num_load_threads"),
        *("enable_model_warmup", "engine", "prefer_tflite_model", "trust"),
    ),
    "Addresses": (
        *("host", "port", "rest_api_port", "grpc_socket_path", "ssl_config_file"),
        *("enable_grpc_healthcheck_service", "grpc_channel_arguments"),
        *("rest_api_enable_cors_support", "allowed_hosts"),
    ),
    "Batching and threads": (
        *("workers", "enable_batching", "batching_parameters_file"),
        *("rest_api_num_threads", "grpc_max_threads"),
        *("tensorflow_session_parallelism", "tensorflow_intra_op_parallelism"),
        "tensorflow_inter_op_parallelism",
    ),
    "Limits": (
        *("rest_api_timeout_in_ms", "drain_seconds", "max_request_bytes"),
        *("max_pending_bytes", "max_header_bytes", "max_connections"),
        *("header_timeout_seconds", "body_timeout_seconds", "idle_timeout_seconds"),
        "worker_timeout_seconds",
    ),
    "Monitoring": ("monitoring_config_file", "access_log"),
}

# By flag: why it is not honoured, and the values that ask for what is done anyway.
REFUSED: dict[str, tuple[str, ...]] = {
    "enable_per_model_batching_parameters": (
        "one --batching_parameters_file is for all models",
        "false",
    ),
    "enable_profiler": ("there is no profiler service", "false"),
    "enable_serialization_as_tensor_content": (
        "numbers are always sent in float_val and its siblings",
        "false",
    ),
    "enable_signature_method_name_check": (
        "native TensorFlow 2 models are classified, too",
        "false",
    ),
    "flush_filesystem_caches": ("the kernel's file caches are left alone", "false"),
    "mixed_precision": ("a model computes in the types that it was saved with", ""),
    "num_request_iterations_for_warmup": (
        "each warm-up record is replayed once",
        "0",
        "1",
    ),
    "num_tflite_interpreters_per_pool": ("a model has one interpreter a worker", "1"),
    "num_tflite_pools": ("--workers says how many interpreters there are",),
    "num_unload_threads": ("the last request of a version unloads it", "0"),
    "per_process_gpu_memory_fraction": ("TensorFlow's default is used", "0", "0.0"),
    "platform_config_file": ("the only platform is tensorflow", ""),
    "remove_unused_fields_from_bundle_metagraph": (
        "a SavedModel is read as it is",
        "false",
    ),
    "saved_model_tags": ("the graph with the tag serve is served", "serve"),
    "skip_initialize_tpu": ("no TPU is used", "true"),
    "tensorflow_session_config_file": (
        "give --tensorflow_intra_op_parallelism and --tensorflow_inter_op_parallelism",
        "",
    ),
    "thread_pool_factory_config_file": ("threads are those of the engines", ""),
    "use_alts_credentials": ("use --ssl_config_file", "false"),
    "xla_cpu_compilation_enabled": ("models are run as they were saved", "false"),
    "xla_gpu_compilation_enabled": ("models are run as they were saved", "false"),
}
