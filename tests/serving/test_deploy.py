"""Rendered deployments: what the programs that read them would read."""

import ast
import json
import re
import socket
import subprocess
import sys
import tomllib

import kubernetes_validate
import pytest
import yaml
from google.protobuf import text_format

from serving import Client, GrpcClient
from serving.deploy import compose, docker, kserve, kubernetes, names, ray, servers
from serving.deploy.models import DeployedModel, read_models
from serving.deploy.rendering import write
from serving.deploy.yaml import document
from serving.errors import ServingError
from serving.protocol.messages import POOL, message
from tests.conftest import ROOT
from zoo.cli.main import run

from .rows import write_onnx

# Names of folders that break out of YAML, protobuf text, a URL or a variable.
HOSTILE = [
    "lenet5",
    'a"b: c\n- d',
    "${HOME} $(NAME) $$",
    "name: [x]}",
    "é\u2028\x85\x7f\U0001f600",
    "no",
    "..%2f",
    "'; rm -rf $HOME",
]
MODELS = [DeployedModel(name, (1, 3), True) for name in HOSTILE]
VERSION = "1.37"


def parsed(files):
    """The documents of every YAML file."""
    return {
        name: list(yaml.safe_load_all(text))
        for name, text in files.items()
        if name.endswith(".yaml")
    }


def protobuf(text, name):
    return text_format.Parse(text, message(name)(), descriptor_pool=POOL)


def check_config(files):
    config = protobuf(files["models.config"], "tensorflow.serving.ModelServerConfig")
    found = config.model_config_list.config
    assert [(each.name, each.base_path) for each in found] == [
        (name, f"/models/{name}") for name in HOSTILE
    ]
    assert {each.model_platform for each in found} == {"tensorflow"}
    batching = protobuf(
        files["batching_parameters.txt"], "tensorflow.serving.BatchingParameters"
    )
    assert batching.max_batch_size.value == 64
    monitoring = protobuf(
        files["monitoring.config"], "tensorflow.serving.MonitoringConfig"
    )
    assert monitoring.prometheus_config.enable


LINES = ["a: #\n  - b\n", " a\nb\n", "a\n\nb\n", "a\nb", "a\nb\n\n", "a\r\nb\n"]


@pytest.mark.parametrize("text", [*HOSTILE, *LINES, "", " a ", "1", "true", "\t", "\0"])
def test_yaml_is_read_back(text):
    tree = {"a": text, text or "b": [text, {"c": text, "d": [text]}], "e": {}, "f": []}
    assert yaml.safe_load(document(tree)) == tree


def test_compose(tmp_path):
    folder = tmp_path / "$HOME"
    files = compose.render(MODELS, folder, "tensorflow-serving", None)
    check_config(files)
    ((tree,),) = parsed(files).values()
    service = tree["services"]["models"]
    assert service["image"].startswith("tensorflow/serving:")
    mounts = {each["target"]: each for each in service["volumes"]}
    assert mounts["/models"]["source"] == str(folder).replace("$", "$$")
    assert all(each["read_only"] for each in mounts.values())
    for flag in service["command"]:
        if flag.partition("=")[2].startswith("/config/"):
            assert flag.partition("=")[2] in mounts
    for path in set(mounts) - {"/models"}:
        assert mounts[path]["source"].removeprefix("./") in files
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


@pytest.mark.parametrize("server", ["tensorflow-serving", "zoo"])
def test_kubernetes(server):
    files = kubernetes.render(MODELS, server, None, 3, "claim")
    documents = {
        tree["kind"]: tree for trees in parsed(files).values() for tree in trees
    }
    assert documents.keys() == {
        *("ConfigMap", "Deployment", "Service"),
        *("HorizontalPodAutoscaler", "PodDisruptionBudget"),
    }
    for tree in documents.values():
        kubernetes_validate.validate(tree, VERSION, strict=True)
    check_config(documents["ConfigMap"]["data"])
    deployment = documents["Deployment"]["spec"]
    (container,) = deployment["template"]["spec"]["containers"]
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert f"--port={ports['grpc']}" in container["args"]
    assert f"--rest_api_port={ports['rest']}" in container["args"]
    for each in documents["Service"]["spec"]["ports"]:
        assert ports[each["targetPort"]] == each["port"]
    labels = deployment["template"]["metadata"]["labels"].items()
    for kind in ("Deployment", "PodDisruptionBudget"):
        selector = documents[kind]["spec"]["selector"]["matchLabels"].items()
        assert selector <= labels
    assert documents["Service"]["spec"]["selector"].items() <= labels
    volumes = {each["name"] for each in deployment["template"]["spec"]["volumes"]}
    assert {each["name"] for each in container["volumeMounts"]} == volumes
    probe = container["readinessProbe"]["httpGet"]
    ready = {"zoo": "/readyz", "tensorflow-serving": "/v1/models/lenet5"}
    assert (probe["path"], probe["port"]) == (ready[server], "rest")
    assert container["resources"].keys() == {"requests", "limits"}
    scaled = documents["HorizontalPodAutoscaler"]["spec"]
    assert (
        scaled["scaleTargetRef"]["name"] == documents["Deployment"]["metadata"]["name"]
    )
    assert scaled["minReplicas"] == 3
    assert "replicas" not in deployment  # `apply` would undo what the scaler did
    unprivileged = container["securityContext"].get("runAsNonRoot", False)
    assert unprivileged == (server == "zoo")


def test_the_image_names_its_user_by_number():
    """Kubernetes refuses `runAsNonRoot` of a user that the image names by name."""
    dockerfile = docker.render()["Dockerfile"]
    assert "--uid 1000 server\n" in dockerfile
    assert "\nUSER 1000\n" in dockerfile


def test_the_config_map_is_for_people_to_read():
    text = kubernetes.render(MODELS, "zoo", None, 3, "claim")["configmap.yaml"]
    assert (
        "\n  monitoring.config: |\n    prometheus_config {\n      enable: true" in text
    )


def test_the_schemas_refuse_what_is_wrong():
    files = kubernetes.render(MODELS, "zoo", None, 3, "claim")
    tree = yaml.safe_load(files["deployment.yaml"])
    tree["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(tree, VERSION, strict=True)


def test_the_path_of_a_probe_is_quoted():
    server = servers.SERVERS["tensorflow-serving"]
    path = servers.ready_path(server, MODELS[1:])
    assert path == "/v1/models/a%22b%3A%20c%0A-%20d"


@pytest.mark.parametrize("server", ["tensorflow-serving", "zoo"])
def test_kserve(server):
    files = kserve.render(MODELS, server, None, 2, "s3://bucket/models/")
    services = [tree for trees in parsed(files).values() for tree in trees]
    assert len(services) == len({each["metadata"]["name"] for each in services})
    assert len(services) == len(MODELS)
    for name, service in zip(HOSTILE, services, strict=True):
        assert service["apiVersion"] == "serving.kserve.io/v1beta1"
        assert service["kind"] == "InferenceService"
        assert service["metadata"]["annotations"]["model"] == name
        predictor = service["spec"]["predictor"]
        assert predictor["minReplicas"] == 2
        if server == "zoo":
            (container,) = predictor["containers"]
            escaped = name.replace("$", "$$")
            assert f"--model_name={escaped}" in container["args"]
            # The fields of a container are those of Kubernetes.
            pod = {
                "apiVersion": "v1",
                "kind": "Pod",
                "spec": {"containers": [container]},
            }
            kubernetes_validate.validate(pod, VERSION, strict=True)
            uri = container["env"][0]["value"]
        else:
            assert predictor["model"]["modelFormat"] == {"name": "tensorflow"}
            uri = predictor["model"]["storageUri"]
        assert re.fullmatch(r"s3://bucket/models/[\w%.$-]+", uri), uri
    assert services[0]["metadata"]["name"] == "lenet5"


@pytest.mark.parametrize("name", [*HOSTILE, "a" * 300, "A", "-", "7x"])
def test_names_of_resources(name):
    label = names.resource_name(name)
    assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", label)
    assert len(label) <= 52
    assert label != names.resource_name(name + "x")


def test_ray(tmp_path):
    folder = tmp_path / "a'b\"\n"
    files = ray.render(folder, 3)
    tree = yaml.safe_load(files["serve.yaml"])
    (application,) = tree["applications"]
    assert application["deployments"] == [{"name": "Models", "num_replicas": 3}]
    assert application["import_path"] == "application:app"
    *_, call = ast.parse(files["application.py"]).body
    assert ast.literal_eval(call.value.args[0]) == str(folder)


def test_ray_knows_every_key_of_its_configuration(tmp_path):
    schema = pytest.importorskip("ray.serve.schema", reason="needs the extra ray")
    tree = yaml.safe_load(ray.render(tmp_path, 3)["serve.yaml"])
    read = schema.ServeDeploySchema.model_validate(tree)
    # Ray ignores the keys that it does not know.
    assert read.model_dump(exclude_unset=True) == tree


def test_docker():
    files = docker.render()
    text = files["Dockerfile"]
    copied = re.search(r"^COPY (.*) /tmp/$", text, re.MULTILINE)[1].split()
    assert copied == ["requirements-serving.txt", "keras_serving_zoo-*.whl"]
    command = json.loads(re.search(r"^ENTRYPOINT (.*)$", text, re.MULTILINE)[1])
    # A deployment's own arguments replace CMD, and TensorFlow is not in the image.
    assert command[1:] == ["--engine=onnx"]
    command += json.loads(re.search(r"^CMD (.*)$", text, re.MULTILINE)[1])
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert command[0] in scripts
    lines = files["requirements-serving.txt"].splitlines()
    assert all(re.fullmatch(r"[\w-]+==[\w.]+", line) for line in lines)
    assert not {"tensorflow", "keras", "onnx"} & {
        line.partition("=")[0] for line in lines
    }


def test_models_of_a_folder(tmp_path):
    for version, artifact in (("one/1", "saved_model.pb"), ("two/7", "model.onnx")):
        (tmp_path / version).mkdir(parents=True)
        (tmp_path / version / artifact).touch()
    (tmp_path / "notes").mkdir()
    one, two = read_models(tmp_path)
    assert one == DeployedModel("one", (1,), True)
    assert two == DeployedModel("two", (7,), False)
    with pytest.raises(ServingError, match="two has a version without saved_model.pb"):
        servers.choose_server("tensorflow-serving", [one, two])
    assert servers.choose_server("zoo", [one, two]).name == "zoo"
    with pytest.raises(ServingError, match="There are no models under .*/notes"):
        read_models(tmp_path / "notes")


def test_what_is_there_is_kept(tmp_path):
    write(tmp_path, {"a": "1"})
    write(tmp_path, {"a": "1", "b": "2"})
    with pytest.raises(ServingError, match="a is there and differs"):
        write(tmp_path, {"a": "3", "b": "4"})
    assert (tmp_path / "a").read_text() == "1"
    write(tmp_path, {"b": "4"}, overwrite=True)
    assert (tmp_path / "b").read_text() == "4"


@pytest.mark.parametrize("target", ["docker", "compose", "kubernetes", "kserve", "ray"])
def test_the_command(tmp_path, target, capsys):
    (tmp_path / "models/one/1").mkdir(parents=True)
    (tmp_path / "models/one/1/saved_model.pb").touch()
    out = tmp_path / "out"
    models = str(tmp_path / "models")
    assert run(["deploy", target, str(out), "--model-base-path", models]) == 0
    printed = capsys.readouterr()
    assert sorted(printed.out.split()) == sorted(str(path) for path in out.iterdir())
    assert "Next: " in printed.err


@pytest.mark.slow
def test_our_server_takes_the_flags_of_the_containers(tmp_path):
    """Those of Compose and Kubernetes, with folders and ports of this machine."""
    models, config = tmp_path / "models", tmp_path / "config"
    (models / "scale/1").mkdir(parents=True)
    write_onnx(models / "scale/1", 2.0)
    files = servers.config_files(read_models(models))
    files["models.config"] = files["models.config"].replace("/models", str(models))
    write(config, files)
    ports = []
    for _ in range(2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports.append(free.getsockname()[1])
    flags = [
        flag.replace("/config", str(config))
        .replace("=8500", f"={ports[0]}")
        .replace("=8501", f"={ports[1]}")
        for flag in servers.flags(servers.SERVERS["zoo"])
    ]
    code = "from zoo.__main__ import model_server; model_server()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *flags, "--engine=onnx"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout.readline().startswith("Serving scale version 1")
            with (
                Client(f"http://127.0.0.1:{ports[1]}") as rest,
                GrpcClient(f"127.0.0.1:{ports[0]}") as grpc,
            ):
                for client in (rest, grpc):
                    outputs = client.predict("scale", {"x": [1.5]})
                    assert outputs["y"].tolist() == [3.0]
        finally:
            process.terminate()
    assert process.returncode == 0
