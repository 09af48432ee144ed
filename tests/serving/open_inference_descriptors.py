"""Compiles `open_inference.proto`.

`python -m tests.serving.open_inference_descriptors` writes
`serving/protocol/open_inference/open_inference.binpb`.
"""

import subprocess
import sys
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
    # In a process of its own: its protobuf and TensorFlow's do not stand each other.
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "descriptors")
        protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{SOURCE.parent}"]
        arguments = [f"--descriptor_set_out={target}", SOURCE.name]
        subprocess.run([*protoc, *arguments], check=True)
        files = FileDescriptorSet.FromString(target.read_bytes())
    return files.SerializeToString(deterministic=True)


if __name__ == "__main__":
    PATH.write_bytes(build())
    print(f"{PATH.name}: {PATH.stat().st_size} bytes")
