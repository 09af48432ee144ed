import functools

import keras
import pytest
import tensorflow as tf

import export
import zoo
from export.formats import find_format
from export.signature import as_array


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return zoo.create_model("lenet5")


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    """An artifact that tests read; those that change it copy it first."""
    return export.export_model(
        zoo.create_model("lenet5"), tmp_path_factory.mktemp("models")
    )


@pytest.fixture(scope="session")
def shipped(tmp_path_factory):
    """Exports a model whose weights ship, once."""
    base = tmp_path_factory.mktemp("shipped")
    return functools.cache(lambda name: export.export_model(name, base))


@pytest.fixture(scope="session")
def answer():
    """Computes the outputs of a signature with what is in the artifact."""
    load = functools.cache(tf.saved_model.load)

    def compute(artifact, signature, inputs, format="saved_model"):
        if format == "saved_model":
            function = load(str(artifact.path)).signatures[signature]
            outputs = function(**{k: tf.constant(x) for k, x in inputs.items()})
            return {name: as_array(x) for name, x in outputs.items()}
        requests = [(signature, inputs)]
        (outputs,) = find_format(format).predict(artifact.path, requests)
        return outputs

    return compute
