"""`zoo predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zoo.cli import completion, display, options
from zoo.errors import DatasetError

if TYPE_CHECKING:
    import numpy as np

    from serving import Client
    from zoo.inference.predict import Prediction


# Signatures of our exports, which TensorFlow Serving serves, too.
_LABELS = "labels"
_CLASSIFY = "classify"
_TEXT = "text"


@click.command()
@click.argument("model", metavar="NAME|RUN", shell_complete=completion.models_and_runs)
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option(
    "--url",
    help="Ask the server at this address, such as http://127.0.0.1:8501, for its model "
    "NAME.",
)
@click.option("--invert", is_flag=True, help="Invert pictures: black becomes white.")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Classes to print for each sample.",
)
@options.as_json
def predict(
    model: str,
    inputs: tuple[str, ...],
    url: str | None,
    invert: bool,
    top: int,
    as_json: bool,
) -> None:
    """Predict for pictures, arrays or sentences.

    NAME|RUN is a model with shipped weights, a run folder or a .keras file. Each INPUT
    is a picture, a batch of samples in a .npy or .json file, or, for a model of
    sentences, a sentence or a .txt file of one a line.

    Example: zoo predict lenet5.mnist seven.png --top 3
    """
    if url is None:
        from zoo.inference.predict import predict as predict_here

        found = predict_here(model, inputs, invert=invert)
    else:
        found = _ask(url, model, inputs, invert, top)
    if as_json:
        display.echo_json({"predictions": [_row(each) for each in found]})
        return
    display.echo_table([line for each in found for line in _lines(each, top)])


def _row(prediction: "Prediction") -> dict[str, Any]:
    outputs = {name: value.tolist() for name, value in prediction.outputs.items()}
    row = {"input": prediction.source, **outputs}
    if "probabilities" in outputs:
        row["label"] = prediction.top(1)[0][0]
    return row


def _lines(prediction: "Prediction", top: int) -> list[dict[str, Any]]:
    if "probabilities" not in prediction.outputs:
        return [
            {"input": prediction.source}
            | {name: str(value) for name, value in prediction.outputs.items()}
        ]
    return [
        {
            "input": "" if rank else prediction.source,
            "label": label,
            "probability": f"{probability:.4f}",
        }
        for rank, (label, probability) in enumerate(prediction.top(top))
    ]


def _ask(
    url: str, name: str, inputs: tuple[str, ...], invert: bool, top: int
) -> list["Prediction"]:
    from serving import Client

    with Client(url) as client:
        metadata = client.metadata(name)["metadata"]["signature_def"]
        signatures = metadata["signature_def"]
        has_labels = "label" in signatures.get(_TEXT, {"outputs": ()})["outputs"]
        has_arrays = any(Path(each).suffix in (".json", ".npy") for each in inputs)
        if has_labels and not has_arrays:
            return _ask_sentences(client, name, signatures, inputs, top)
        return _ask_numbers(client, name, signatures, inputs, invert, top)


def _ask_sentences(
    client: "Client",
    name: str,
    signatures: dict[str, Any],
    inputs: tuple[str, ...],
    top: int,
) -> list["Prediction"]:
    from zoo.inference.predict import read_sentences

    sentences = [each for given in inputs for each in read_sentences(given)]
    if not sentences:
        raise DatasetError("There are no sentences.")
    arrays = {_TEXT: sentences}
    outputs = client.predict(name, arrays, signature_name=_TEXT)
    labels = outputs.pop("label").tolist()
    best = outputs["probabilities"].argmax(-1).tolist()
    names = dict(zip(best, map(str, labels), strict=True))
    if top > 1 and _CLASSIFY in signatures:
        names = _names_of_classes(client, name, _TEXT, sentences[0])
    return _predictions(sentences, outputs, names)


def _ask_numbers(
    client: "Client",
    name: str,
    signatures: dict[str, Any],
    inputs: tuple[str, ...],
    invert: bool,
    top: int,
) -> list["Prediction"]:
    import numpy as np

    from zoo.inference.predict import read_samples

    taken = signatures["serving_default"]["inputs"]
    if len(taken) != 1:
        raise DatasetError(f"{name} takes {', '.join(taken)}; use serving.Client.")
    ((input_name, info),) = taken.items()
    sizes = [int(axis["size"]) for axis in info["tensor_shape"]["dim"][1:]]
    shape = [None if size < 0 else size for size in sizes]
    samples = [
        sample
        for given in inputs
        for sample in read_samples(Path(given), shape, taker=name, invert=invert)
    ]
    shapes = {sample.shape for _, sample in samples}
    if len(shapes) > 1:
        raise DatasetError(f"The samples have different shapes: {shapes}.")
    batch = np.stack([sample for _, sample in samples])
    names = {}
    if _LABELS in signatures:
        arrays = {input_name: batch}
        outputs = client.predict(name, arrays, signature_name=_LABELS)
        names = _names_of_ids(outputs)
    else:
        outputs = client.predict(name, {input_name: batch})
    if top > 1 and _CLASSIFY in signatures:
        names = _names_of_classes(client, name, input_name, batch[0])
    return _predictions([source for source, _ in samples], outputs, names)


def _predictions(
    sources: list[str], outputs: "dict[str, np.ndarray]", names: dict[int, str]
) -> list["Prediction"]:
    from zoo.inference.predict import Prediction

    labels = _labels(outputs, names)
    return [
        Prediction(
            source, {key: values[row] for key, values in outputs.items()}, labels
        )
        for row, source in enumerate(sources)
    ]


def _names_of_ids(outputs: "dict[str, np.ndarray]") -> dict[int, str]:
    """Takes the labels out of the outputs, and returns them by class id."""
    labels = outputs.pop(_LABELS)
    if "class_ids" not in outputs:
        return {}
    pairs = zip(outputs["class_ids"].flat, labels.flat, strict=True)
    return {int(number): str(label) for number, label in pairs}


def _names_of_classes(
    client: "Client", model: str, input_name: str, sample: "np.ndarray | str"
) -> dict[int, str]:
    """Asks for the names of all classes: `classify` returns them in their order."""
    examples = [{input_name: sample}]
    (classes,) = client.classify(model, examples, signature_name=_CLASSIFY)
    return {number: label for number, (label, _) in enumerate(classes)}


def _labels(outputs: "dict[str, np.ndarray]", names: dict[int, str]) -> tuple[str, ...]:
    """Returns a name for each class; one that the server does not name has its id."""
    if not names or "probabilities" not in outputs:
        return ()
    count = outputs["probabilities"].shape[-1]
    return tuple(names.get(number, str(number)) for number in range(count))
