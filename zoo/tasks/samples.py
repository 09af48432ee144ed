"""What a model has to take, by the samples of a dataset."""

import keras

from custom_layers import TableEncoding
from zoo.datasets import Dataset
from zoo.datasets.table_columns import is_plain
from zoo.tasks.task import Config
from zoo.tasks.tokens import vocabulary_size
from zoo.tasks.waveforms import sampling_rate


def of_data(data: Dataset) -> Config:
    """Arguments of a builder: vocabulary size, or shape of a sample.

    Of a table its columns as well, of waveforms the sampling rate.
    """
    if data.vocabulary is not None:
        return {"vocabulary_size": len(data.vocabulary)}
    found: Config = {"input_shape": data.input_shape}
    if not is_plain(data):
        found["columns"] = tuple(column.as_json() for column in data.columns)
    if data.sampling_rate is not None:
        found["sampling_rate"] = data.sampling_rate
    return found


def of_model(model: keras.Model) -> Config:
    """The same of a built model."""
    size = vocabulary_size(model)
    if size is not None:
        return {"vocabulary_size": size}
    found: Config = {"input_shape": tuple(model.input_shape[1:])}
    for layer in model.layers:
        if isinstance(layer, TableEncoding):
            found["columns"] = tuple(dict(column) for column in layer.columns)
    rate = sampling_rate(model)
    return found if rate is None else found | {"sampling_rate": rate}
