"""Compiles `open_inference.proto`.

`python -m tests.serving.open_inference_descriptors` writes
`serving/protocol/open_inference/open_inference.binpb`.
"""

import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

import serving.protocol.open_inference

SOURCE = Path(serving.protocol.open_inference.__file__).with_name(
    "open_inference.proto"
)
PATH = SOURCE.with_suffix(".binpb")


def build() -> bytes:
    """Returns the serialized `FileDescriptorSet`."""
    from grpc_tools import protoc

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "descriptors")
        arguments = [f"-I{SOURCE.parent}", f"--descriptor_set_out={target}"]
        assert protoc.main(["protoc", *arguments, SOURCE.name]) == 0
        files = FileDescriptorSet.FromString(target.read_bytes())
    return files.SerializeToString(deterministic=True)


if __name__ == "__main__":
    PATH.write_bytes(build())
    print(f"{PATH.name}: {PATH.stat().st_size} bytes")
