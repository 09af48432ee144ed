"""An image of our server with what ONNX models need, without TensorFlow."""

from importlib import metadata

from serving.deploy import servers
from zoo.version import __version__

# What `zoo serve --engine onnx` imports. Our own requirements name TensorFlow, for
# training and exports, so the image installs our wheel without them.
REQUIREMENTS = (
    *("click", "grpcio", "grpcio-health-checking", "grpcio-reflection", "httptools"),
    *("lazy_loader", "numpy", "onnxruntime", "orjson", "protobuf", "psutil"),
    *("pysimdjson", "uvloop"),
)
_DOCKERFILE = """\
# Build: python -m pip wheel --no-deps -w DIRECTORY CLONE   (the wheel of this project)
#        docker build -t keras-serving-zoo:{version} DIRECTORY
# Run:   docker run -p 8500:8500 -p 8501:8501 -v "$PWD/models:/models:ro" \\
#            keras-serving-zoo:{version}
FROM python:3.11-slim
COPY requirements-serving.txt keras_serving_zoo-*.whl /tmp/
# --no-deps: the wheel's requirements name TensorFlow, which serving ONNX does not need.
RUN pip install --no-cache-dir -r /tmp/requirements-serving.txt \\
 && pip install --no-cache-dir --no-deps /tmp/keras_serving_zoo-*.whl \\
 && rm /tmp/requirements-serving.txt /tmp/keras_serving_zoo-*.whl \\
 && useradd --create-home --uid 1000 server
# A number, by which Kubernetes knows that it is not root.
USER 1000
EXPOSE {grpc} {rest}
STOPSIGNAL SIGTERM
# The engine stands here, since arguments of a deployment replace those of CMD.
ENTRYPOINT ["zoo-model-server", "--engine=onnx"]
CMD ["--model_base_path={models}", "--host=0.0.0.0"]
"""


def render() -> dict[str, str]:
    """Returns the files of `docker build`, by name; the wheel is yours to add."""
    return {
        "Dockerfile": _DOCKERFILE.format(
            version=__version__,
            grpc=servers.GRPC_PORT,
            rest=servers.REST_PORT,
            models=servers.MODELS_FOLDER,
        ),
        "requirements-serving.txt": requirements(),
        ".dockerignore": "*\n!Dockerfile\n!requirements-serving.txt\n!*.whl\n",
    }


def requirements() -> str:
    """Returns the requirements, each in the version that is installed here."""
    return "".join(f"{name}=={metadata.version(name)}\n" for name in REQUIREMENTS)
