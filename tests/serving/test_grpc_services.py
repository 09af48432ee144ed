"""Health, reflection and certificates of the gRPC server."""

import datetime

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

from serving.errors import ServingError
from tests.serving.fake_models import RunningServer
from tests.serving.test_grpc import Stub, failure, open_channel, predict

TIMEOUT = 10
SERVICES = {
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "inference.GRPCInferenceService",
    "tensorflow.serving.ModelService",
    "tensorflow.serving.PredictionService",
}


@pytest.fixture(scope="module")
def channel():
    options = {"port": 0, "enable_grpc_healthcheck_service": True}
    with RunningServer(**options) as server, open_channel(server.address) as channel:
        yield channel


@pytest.mark.parametrize("service", ["", "tensorflow.serving.PredictionService"])
def test_health(channel, service):
    request = health_pb2.HealthCheckRequest(service=service)
    stub = health_pb2_grpc.HealthStub(channel)
    assert stub.Check(request, timeout=TIMEOUT).status == 1
    assert next(stub.Watch(request, timeout=TIMEOUT)).status == 1


def test_health_of_an_unknown_service(channel):
    request = health_pb2.HealthCheckRequest(service="a")
    stub = health_pb2_grpc.HealthStub(channel)
    assert failure(stub.Check, request)[0] == "NOT_FOUND"


def test_health_is_behind_its_flag():
    with RunningServer(port=0) as server, open_channel(server.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        assert failure(stub.Check, health_pb2.HealthCheckRequest())[0] == (
            "UNIMPLEMENTED"
        )
        assert set(ProtoReflectionDescriptorDatabase(channel).get_services()) == (
            SERVICES
        )


def test_reflection_names_the_services_and_defines_them(channel):
    database = ProtoReflectionDescriptorDatabase(channel)
    services = set(database.get_services())
    assert services == {*SERVICES, "grpc.health.v1.Health"}
    pool = DescriptorPool(database)
    for name in services:
        assert pool.FindServiceByName(name).methods
    predict_method = pool.FindServiceByName(
        "tensorflow.serving.PredictionService"
    ).methods_by_name["Predict"]
    assert "inputs" in predict_method.input_type.fields_by_name


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_both_versions_of_reflection_answer(channel, version):
    call = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    requests = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="nothing.there"),
    ]
    listed, unknown = call(iter(requests), timeout=TIMEOUT)
    assert len(listed.list_services_response.service) == 6
    assert unknown.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def certificate(name, issuer=None, issuer_key=None):
    """A key and a certificate in PEM, signed by itself or by an issuer."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(issuer_key or key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key, signed, private.decode(), signed.public_bytes(pem).decode()


def config(path, **fields):
    lines = [
        f"{key}: {str(value).lower() if value is True else repr(value)}"
        for key, value in fields.items()
    ]
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("client_verify", [False, True])
def test_tls(tmp_path, client_verify):
    authority_key, authority, _, root = certificate("authority")
    _, _, server_key, server_cert = certificate("server", authority, authority_key)
    _, _, client_key, client_cert = certificate("client", authority, authority_key)
    fields = {"server_key": server_key, "server_cert": server_cert}
    if client_verify:
        fields |= {"custom_ca": root, "client_verify": True}
    path = config(tmp_path / "ssl.txt", **fields)
    anonymous = grpc.ssl_channel_credentials(root.encode())
    known = grpc.ssl_channel_credentials(
        root.encode(), client_key.encode(), client_cert.encode()
    )
    with RunningServer(port=0, ssl_config_file=path) as server:
        address = server.address.replace("127.0.0.1", "localhost")
        with grpc.secure_channel(address, known) as channel:
            answer = Stub(channel).Predict(predict(), timeout=TIMEOUT)
            assert answer.outputs["y"].float_val == [3.0]
        with grpc.secure_channel(address, anonymous) as channel:
            call = Stub(channel).Predict
            if client_verify:
                assert failure(call, predict())[0] == "UNAVAILABLE"
            else:
                call(predict(), timeout=TIMEOUT)
        with open_channel(server.address) as channel:
            assert failure(Stub(channel).Predict, predict())[0] == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "has no server_key. Put the PEM text there."),
        ({"server_key": "a"}, "has no server_cert. Put the PEM text there."),
        (
            {"server_key": "a", "server_cert": "b", "client_verify": True},
            "has client_verify and no custom_ca.",
        ),
        (
            {"server_key": "a", "server_cert": "b"},
            "check the keys of --ssl-config-file",
        ),
        ({"key": "a"}, "1:1: Message type"),
    ],
)
def test_a_bad_ssl_configuration_is_one_line(tmp_path, fields, error):
    path = config(tmp_path / "ssl.txt", **fields)
    server = RunningServer(port=0, ssl_config_file=path)
    with pytest.raises(ServingError) as caught, server:
        pass
    assert error in str(caught.value)
