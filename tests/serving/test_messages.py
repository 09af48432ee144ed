"""TensorFlow Serving's messages without TensorFlow."""

import subprocess
import sys

import pytest

from serving.errors import ServingError
from serving.protocol.messages import POOL, message, parse_text
from tests.serving import descriptors

NAMES = sorted(
    descriptor.full_name
    for file in descriptors.build().file
    for descriptor in POOL.FindFileByName(file.name).message_types_by_name.values()
)
INSTALLED = [
    name
    for name in NAMES
    if name.rsplit(".", 1)[1]
    not in {key for messages in descriptors.WRITTEN.values() for key in messages}
]


def fields(descriptor):
    """What decides how a message is written: number, name and type of each field."""
    return {
        (
            field.number,
            field.name,
            field.type,
            field.is_repeated,
            field.has_presence,
            field.is_packed,
            field.default_value if not field.is_repeated else None,
            field.message_type.full_name if field.message_type else None,
            field.containing_oneof.name if field.containing_oneof else None,
            tuple(field.enum_type.values_by_name) if field.enum_type else None,
        )
        for field in descriptor.fields
        if field.full_name not in descriptors.CUT
    } | {
        (nested.full_name, *sorted(fields(nested), key=str))
        for nested in descriptor.nested_types
    }


def test_the_file_is_what_the_installed_packages_say():
    data = descriptors.build().SerializeToString(deterministic=True)
    assert descriptors.PATH.read_bytes() == data


def test_messages_are_compared():
    assert len(INSTALLED) > 60


@pytest.mark.parametrize("name", INSTALLED)
def test_fields_are_those_of_the_installed_packages(name):
    ours = POOL.FindMessageTypeByName(name)
    theirs = descriptors.installed_pool().FindMessageTypeByName(name)
    nested = {found.name for found in theirs.nested_types}
    assert {found.name for found in ours.nested_types} == nested
    assert fields(ours) == fields(theirs)


@pytest.mark.parametrize("name", descriptors.SERVICES)
def test_services_are_those_of_the_installed_packages(name):
    ours = POOL.FindServiceByName(name)
    theirs = descriptors.installed_pool().FindServiceByName(name)
    assert [
        (method.name, method.input_type.full_name, method.output_type.full_name)
        for method in ours.methods
    ] == [
        (method.name, method.input_type.full_name, method.output_type.full_name)
        for method in theirs.methods
    ]


def test_bytes_are_read_by_the_installed_packages_in_the_same_process():
    from tensorflow_serving.apis import predict_pb2

    ours = message("tensorflow.serving.PredictRequest")()
    ours.model_spec.name = "half_plus_two"
    ours.model_spec.version.value = 123
    ours.inputs["x"].float_val.extend([1.0, 2.0])
    theirs = predict_pb2.PredictRequest.FromString(ours.SerializeToString())
    assert theirs.model_spec.version.value == 123
    assert list(theirs.inputs["x"].float_val) == [1.0, 2.0]
    assert type(theirs) is not type(ours)


def test_tensorflow_is_not_imported():
    code = (
        "import sys\n"
        "from serving.protocol.messages import message\n"
        "message('tensorflow.serving.PredictRequest')()\n"
        "heavy = {'tensorflow', 'tensorflow_serving', 'keras', 'grpc', 'numpy'}\n"
        "print(heavy & sys.modules.keys())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("set()\n", "")


def test_a_configuration_is_read():
    config = parse_text(
        "tensorflow.serving.ModelServerConfig",
        b'model_config_list { config { name: "m" base_path: "/m" model_platform: '
        b'"tensorflow" model_version_policy { specific { versions: 1 versions: 2 } } '
        b'version_labels { key: "stable" value: 1 } } }',
        "m.config",
    )
    (model,) = config.model_config_list.config
    assert list(model.model_version_policy.specific.versions) == [1, 2]
    assert dict(model.version_labels) == {"stable": 1}


PREFIX = (
    "Invalid protobuf file: '/b.txt'. "
    "Error parsing text-format tensorflow.serving.BatchingParameters: "
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"max_batch_size { value: 8", '1:25: Expected "}".'),
        (
            b"\n  max_batch: 8",
            '2:3: Message type "tensorflow.serving.BatchingParameters" has no field '
            'named "max_batch".',
        ),
        (
            b'max_batch_size { value: "x" }',
            '1:25: \'max_batch_size { value: "x" }\': Couldn\'t parse integer: "x"',
        ),
        (b"\xff", "it is not UTF-8 text"),
    ],
)
def test_a_bad_configuration_is_one_line_with_its_place(text, reason):
    with pytest.raises(ServingError) as caught:
        parse_text("tensorflow.serving.BatchingParameters", text, "/b.txt")
    assert str(caught.value) == PREFIX + reason
