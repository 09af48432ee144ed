"""From a trained model to a published artifact."""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from export import compression as compressing
from export import half_precision, inspection, parity, publishing, signing
from export.compression import MAX_DROP
from export.description import (
    describe,
    metadata_of,
    nan_differs,
    with_batch_sizes,
)
from export.errors import ExportError
from export.formats import DEFAULT_FORMATS, Format, find_formats
from export.formats.onnx import Onnx
from export.formats.saved_model import SavedModel
from export.given_samples import Sample, read_sample
from export.saved_models import is_saved_model, read_saved_model
from export.signature import NAME, Signature
from export.signatures.base import AnySignature
from export.signatures.by_task import signatures_of
from zoo import messages
from zoo.errors import reason
from zoo.runs.run import Run
from zoo.runs.trained import Trained, trained


@dataclasses.dataclass(frozen=True)
class Artifact:
    """A published version of a model.

    Args:
        path: `<base>/<model>/<version>`.
        manifest: What `manifest.json` in it holds.
    """

    path: Path
    manifest: dict[str, Any]


def export_model(
    model_or_name: keras.Model | Run | str | os.PathLike,
    base_path: str | os.PathLike,
    *,
    formats: Sequence[str] | None = None,
    version: int | None = None,
    name: str | None = None,
    sample: Sample | None = None,
    trust: bool = False,
    keep: int | None = None,
    opset: int | None = None,
    compress: str | None = None,
    calibration: Sample | None = None,
    max_accuracy_drop: float = MAX_DROP,
    sign: str | os.PathLike | None = None,
) -> Artifact:
    """Writes a model in each format, compares their outputs with it, publishes them.

    Nothing appears in `<base_path>/<model>/` unless every format passes the parity
    check; then the version appears there in one step. The reference is the model
    called as its user calls it, `model(x, training=False)`.

    Args:
        model_or_name: A Keras model of any kind, a `Run`, a run folder, a `.keras` or
            `.h5` file, the folder of a SavedModel, or a name whose weights ship.
        base_path: Folder of the models.
        formats: Names of formats: `"saved_model"`, `"onnx"`, or your own, registered
            with `@export.register_format`. Without it, SavedModel and ONNX; a model
            that ONNX cannot express is published without it, which is said.
        version: A free version; the next one without it.
        name: What the model is published as; its own name without it.
        sample: Inputs to compare the outputs on: arrays as the model is called with, a
            `.npz` file of arrays by the names of the inputs, or the name of a dataset.
            Without it they are drawn, from the model's own data where that is at hand.
        trust: Whether Python code within a file (a Lambda layer) may be run.
        keep: Newest versions to keep; the others are removed. All without it.
        opset: Of ONNX; 18 without it.
        compress: `"int8"` or `"float16"`: the form of ONNX and LiteRT files, whose test
            figure is measured before and after.
        calibration: Inputs, as in `sample`, on which the range of activations is
            measured, so that `int8` computes with these as well.
        max_accuracy_drop: Points of accuracy that compressing may cost, or per cent of
            another test figure.
        sign: Private key to sign the artifact with.

    Raises:
        ParityError: If the outputs of an artifact differ from the model's.
        ExportError: If it cannot be written, or the version is taken.
        ZooError: If there is no such model or format, or its weights are damaged.

    Example:

    >>> export_model("mlp.iris", folder).path.name  # doctest: +SKIP
    '1'
    """
    chosen = _with_opset(
        find_formats(DEFAULT_FORMATS if formats is None else formats), opset
    )
    compressing.check_kind(compress)
    compressing.check_drop(max_accuracy_drop)
    key = None if sign is None else Path(sign)
    if key is not None:
        signing.check_key(key)
    if keras.backend.backend() != "tensorflow":
        raise ExportError(
            f"Export needs the TensorFlow backend, this is {keras.backend.backend()}; "
            "run it with KERAS_BACKEND=tensorflow on the run folder."
        )
    base = Path(base_path)
    source = _source(model_or_name, name, trust)
    publishing.check_name(source.name)
    publishing.check_keep(keep)
    if version is not None:
        publishing.check_version(version)
        publishing.check_free(base, source.name, version)
    _check_weights(source.model)
    arrays = None if sample is None else read_sample(sample, source)
    signatures = _signatures(source, chosen, arrays)
    default = signatures[NAME]
    assert isinstance(default, Signature)  # the call itself
    reference = parity.compute_reference(signatures)
    with publishing.staging(base, source.name) as folder:
        chosen, figures, missing = _write_all(
            source, signatures, chosen, folder, reference, may_miss=formats is None
        )
        content = describe(source, signatures, chosen) | missing | nan_differs(folder)
        content["signatures"] = with_batch_sizes(content["signatures"], folder, chosen)
        if not trust:
            inspection.check(folder)
        parity.save_reference(folder, reference)
        for each in chosen:
            each.write_reference(folder, reference)
        if compress is not None:
            content["compressed"] = compressing.compress(
                source,
                signatures,
                chosen,
                folder,
                reference,
                compressing.of(compress, calibration, source, default),
                max_accuracy_drop,
            )
            for form, described in content["compressed"].items():
                figures["max_difference"][form] |= described["max_difference"]
        figures |= half_precision.compare(default, reference[NAME])
        figures |= _not_numbers(source, reference)
        published = publishing.publish(
            folder, base, source.name, version, content | {"parity": figures}, key
        )
    publishing.prune(base / source.name, keep)
    return Artifact(*published)


def _with_opset(formats: list[Format], opset: int | None) -> list[Format]:
    if opset is None:
        return formats
    if not any(isinstance(each, Onnx) for each in formats):
        raise ExportError("`opset` is of ONNX, which is none of the formats.")
    return [Onnx(opset) if isinstance(each, Onnx) else each for each in formats]


def _source(
    model_or_name: keras.Model | Run | str | os.PathLike, name: str | None, trust: bool
) -> Trained:
    if isinstance(model_or_name, str | os.PathLike) and is_saved_model(model_or_name):
        source = read_saved_model(Path(model_or_name), trust=trust)
    else:
        source = trained(model_or_name, trust=trust)
    return dataclasses.replace(source, name=name or source.name)


def _check_weights(model: keras.Model) -> None:
    """Refuses a model that has diverged."""
    for weight in model.weights:
        values = np.asarray(keras.ops.convert_to_numpy(weight))
        if values.dtype.kind not in "biu" and np.isnan(values.astype("float64")).any():
            raise ExportError(
                f"The weights {weight.path!r} of model {model.name!r} are not numbers "
                "(NaN): its training diverged. Train it again with a smaller learning "
                "rate."
            )


def _signatures(
    source: Trained, formats: Sequence[Format], sample: Any
) -> dict[str, AnySignature]:
    """Returns `serving_default`, and what else one of the formats holds."""
    signatures = signatures_of(source, sample)
    held = {NAME}.union(*(each.select(signatures) for each in formats))
    return {name: each for name, each in signatures.items() if name in held}


def _write_all(
    source: Trained,
    signatures: Mapping[str, AnySignature],
    formats: Sequence[Format],
    folder: Path,
    reference: parity.Reference,
    *,
    may_miss: bool,
) -> tuple[list[Format], dict[str, Any], dict[str, Any]]:
    """Writes the formats and compares their outputs.

    Returns:
        Those that hold the model, their figures, and why the others do not.
    """
    described = describe(source, signatures, formats)["signatures"]
    tolerance = parity.tolerance(source.model.weights)
    written, missing = [], {}
    figures: dict[str, Any] = {"max_difference": {}}
    for each in formats:
        try:
            _write(each, folder, each.select(signatures), metadata_of(source))
            found = parity.compare(folder, [each], described, reference, tolerance)
        except ExportError as error:
            if not may_miss or each.name == SavedModel.name:
                raise
            each.remove(folder)
            missing[each.name] = str(error)
            messages.warn(f"Published without {each.name}: {error}")
        else:
            written.append(each)
            differences = figures["max_difference"] | found["max_difference"]
            figures = found | {"max_difference": differences}
    return written, figures, {"missing_formats": missing} if missing else {}


def _write(
    chosen: Format,
    folder: Path,
    signatures: Mapping[str, AnySignature],
    metadata: Mapping[str, str],
) -> None:
    try:
        chosen.write(signatures, folder, metadata)
    except (ExportError, OSError):
        raise
    except Exception as error:  # converters raise of every kind
        raise ExportError(
            f"The format {chosen.name!r} cannot express the model "
            f"({type(error).__name__}: {reason(error)}); leave it out of the formats."
        ) from error
    if not (folder / chosen.artifact).is_file():
        raise ExportError(
            f"The format {chosen.name!r} wrote no {chosen.artifact}; it has to write "
            "the file that its attribute `artifact` names."
        )


def _not_numbers(source: Trained, reference: parity.Reference) -> dict[str, Any]:
    found = parity.not_numbers(reference)
    if not found:
        return {}
    messages.warn(
        f"Model {source.name!r} itself answers some of the samples with NaN, in "
        f"{', '.join(found)}; so does the artifact."
    )
    return {"not_a_number": found}
