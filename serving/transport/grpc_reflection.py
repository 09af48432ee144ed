"""Server reflection: clients such as grpcurl ask which services there are.

The library answers v1alpha. The messages of v1 are the same under another package, so
its handler answers both.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha import reflection, reflection_pb2

from serving.transport.grpc_calls import Context
from serving.transport.grpc_streams import OpenStreams
from serving.transport.telemetry import Telemetry

_OLD, _NEW = "grpc.reflection.v1alpha", "grpc.reflection.v1"
_METHOD = "ServerReflectionInfo"


def reflection_handlers(
    files: Iterable[Any],
    services: Iterable[str],
    telemetry: Telemetry,
    streams: OpenStreams,
) -> list[grpc.GenericRpcHandler]:
    """Returns the handlers of both versions of the service.

    Args:
        files: Define the services, from pools of their own.
        services: Full names.
        telemetry: Takes the answered calls.
        streams: Ends the calls when the server stops.
    """
    names = [f"{package}.ServerReflection" for package in (_OLD, _NEW)]
    servicer = reflection.aio.ReflectionServicer(
        [*services, *names], pool=_pool([*files, reflection_pb2.DESCRIPTOR])
    )

    def handler(name: str) -> grpc.RpcMethodHandler:
        async def answer_all(
            requests: AsyncIterator[Any], context: Context
        ) -> AsyncIterator[bytes]:
            with telemetry.stream(f"{name}/{_METHOD}", context) as stream:
                asked = streams.requests(requests, context)
                async for each in servicer.ServerReflectionInfo(asked, context):
                    response = each.SerializeToString()
                    stream.size += len(response)
                    yield response

        return grpc.stream_stream_rpc_method_handler(
            answer_all,
            request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        )

    return [
        grpc.method_handlers_generic_handler(name, {_METHOD: handler(name)})
        for name in names
    ]


def _pool(files: Iterable[Any]) -> DescriptorPool:
    pool, added = DescriptorPool(), set()

    def add(file: Any) -> None:
        if file.name in added:
            return
        added.add(file.name)
        for imported in file.dependencies:
            add(imported)
        proto = FileDescriptorProto()
        file.CopyToProto(proto)
        pool.Add(proto)

    for file in files:
        add(file)
    pool.Add(_version_1())
    return pool


def _version_1() -> FileDescriptorProto:
    """Returns the definition of v1, which the library does not bring."""
    proto = FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(proto)
    proto.name = "grpc/reflection/v1/reflection.proto"
    proto.package = _NEW
    for message in proto.message_type:
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace(_OLD, _NEW)
    for service in proto.service:
        for method in service.method:
            method.input_type = method.input_type.replace(_OLD, _NEW)
            method.output_type = method.output_type.replace(_OLD, _NEW)
    return proto
