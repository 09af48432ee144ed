"""Writes the descriptors of TensorFlow Serving's messages that `serving` reads.

`python -m tests.serving.descriptors` takes them from the installed packages, cuts them
to what the roots below need, and writes `serving/protocol/tensorflow_serving.binpb`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
)

import serving.protocol

PATH = Path(serving.protocol.__file__).with_name("tensorflow_serving.binpb")
SERVICES = (
    "tensorflow.serving.PredictionService",
    "tensorflow.serving.ModelService",
)
ROOTS = (
    "google.protobuf.BoolValue",
    "google.protobuf.StringValue",
    "tensorflow.Example",
    "tensorflow.serving.ModelServerConfig",
    "tensorflow.serving.PredictionLog",
    "tensorflow.serving.SignatureDefMap",
)
# Nobody serves the session service, whose messages need those of TensorFlow's sessions.
CUT = {"tensorflow.serving.PredictionLog.session_run_log"}
# These files are not in the package; numbers and types are those of TensorFlow Serving.
# SessionBundleConfig is left out: it is only read from a `--platform_config_file`.
WRITTEN = {
    "tensorflow_serving/servables/tensorflow/session_bundle_config.proto": {
        "BatchingParameters": (
            "1 .google.protobuf.Int64Value max_batch_size",
            "2 .google.protobuf.Int64Value batch_timeout_micros",
            "3 .google.protobuf.Int64Value max_enqueued_batches",
            "4 .google.protobuf.Int64Value num_batch_threads",
            "5 .google.protobuf.StringValue thread_pool_name",
            "6 repeated int64 allowed_batch_sizes",
            "7 bool pad_variable_length_inputs",
            "8 .google.protobuf.BoolValue enable_large_batch_splitting",
            "9 .google.protobuf.Int64Value max_execution_batch_size",
        ),
    },
    "tensorflow_serving/config/ssl_config.proto": {
        "SSLConfig": (
            "1 string server_key",
            "2 string server_cert",
            "3 string custom_ca",
            "4 bool client_verify",
        ),
    },
    "tensorflow_serving/config/monitoring_config.proto": {
        "PrometheusConfig": ("1 bool enable", "2 string path"),
        "MonitoringConfig": (
            "1 .tensorflow.serving.PrometheusConfig prometheus_config",
        ),
    },
}


def build() -> FileDescriptorSet:
    """Returns the files in an order in which each follows what it imports."""
    pool = installed_pool()
    services = [pool.FindServiceByName(name) for name in SERVICES]
    roots = [pool.FindMessageTypeByName(name) for name in ROOTS]
    for service in services:
        for method in service.methods:
            roots += [method.input_type, method.output_type]
    kept = {found.full_name: found for found in closure(roots)}
    files: dict[str, FileDescriptorProto] = {}
    for file in [found.file for found in (*kept.values(), *services)]:
        _add(file, kept, files)
    for name, messages in WRITTEN.items():
        files[name] = _written(name, messages)
    return FileDescriptorSet(file=files.values())


def installed_pool():
    """Returns the pool into which the installed packages put their messages."""
    from google.protobuf import descriptor_pool
    from tensorflow_serving.apis import (  # noqa: F401
        model_service_pb2,
        prediction_log_pb2,
        prediction_service_pb2,
    )

    return descriptor_pool.Default()


def closure(roots: list[Descriptor]) -> Iterator[Descriptor | EnumDescriptor]:
    """Yields the messages and enums that the fields of the roots reach."""
    stack, seen = list(roots), set()
    while stack:
        found = stack.pop()
        if found is None or found.full_name in seen:
            continue
        seen.add(found.full_name)
        yield found
        stack.append(found.containing_type)
        for field in getattr(found, "fields", ()):
            if field.full_name not in CUT:
                stack += [field.message_type, field.enum_type]


def _add(
    file: FileDescriptor,
    kept: Mapping[str, Descriptor | EnumDescriptor],
    files: dict[str, FileDescriptorProto],
) -> None:
    if file.name in files:
        return
    needed = {file.name: file for file in _imports(file, kept)}
    for imported in needed.values():
        _add(imported, kept, files)
    proto = FileDescriptorProto()
    file.CopyToProto(proto)
    proto.ClearField("options")
    proto.dependency[:] = sorted(needed)
    proto.ClearField("public_dependency")
    _keep(proto.enum_type, proto.package, kept)
    _keep(proto.message_type, proto.package, kept)
    files[file.name] = proto


def _imports(file: FileDescriptor, kept: Mapping) -> Iterator[FileDescriptor]:
    used = [
        target
        for found in kept.values()
        if found.file is file or found.file.name == file.name
        for field in getattr(found, "fields", ())
        if field.full_name not in CUT
        for target in (field.message_type, field.enum_type)
    ]
    for service in file.services_by_name.values():
        for method in service.methods:
            used += [method.input_type, method.output_type]
    for target in used:
        if target is not None and target.file.name != file.name:
            yield target.file


def _keep(protos, prefix: str, kept: Mapping) -> None:
    for index in reversed(range(len(protos))):
        proto = protos[index]
        name = f"{prefix}.{proto.name}"
        if name not in kept:
            del protos[index]
        elif isinstance(proto, DescriptorProto):
            fields = [f for f in proto.field if f"{name}.{f.name}" not in CUT]
            del proto.field[:]
            proto.field.extend(fields)
            _keep(proto.enum_type, name, kept)
            _keep(proto.nested_type, name, kept)


def _written(name: str, messages: Mapping[str, tuple[str, ...]]) -> FileDescriptorProto:
    file = FileDescriptorProto(name=name, package="tensorflow.serving", syntax="proto3")
    for message, fields in messages.items():
        proto = file.message_type.add(name=message)
        for line in fields:
            number, *label, kind, field = line.split()
            added = proto.field.add(name=field, number=int(number))
            added.label = (
                added.LABEL_REPEATED if label == ["repeated"] else added.LABEL_OPTIONAL
            )
            if kind.startswith("."):
                added.type, added.type_name = added.TYPE_MESSAGE, kind
            else:
                added.type = FieldDescriptorProto.Type.Value(f"TYPE_{kind.upper()}")
    if any(".google." in line for fields in messages.values() for line in fields):
        file.dependency.append("google/protobuf/wrappers.proto")
    return file


if __name__ == "__main__":
    data = build().SerializeToString(deterministic=True)
    PATH.write_bytes(data)
    print(f"{PATH.name}: {len(data)} bytes")
