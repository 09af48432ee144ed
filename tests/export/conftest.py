import keras
import pytest

import export
import zoo


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
