"""Runs a LiteRT (TensorFlow Lite) model."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from serving.engines import register_engine
from serving.engines.base import Engine, Traits
from serving.errors import ServingError, invalid_argument
from serving.options import ServerOptions
from serving.protocol.signature_def import (
    NUMPY_DTYPES,
    SignatureDef,
    TensorInfo,
)

_DTYPES = {dtype.type: name for name, dtype in NUMPY_DTYPES.items()}


@register_engine
class LiteRTEngine(Engine):
    """The signatures of `model.tflite`.

    A signature that was converted for one sample takes a batch sample by sample, as the
    parity check of the export does.
    """

    name = "litert"
    artifact = "model.tflite"
    library = "ai_edge_litert.interpreter"
    priority = 5
    is_single_threaded = True

    def __init__(self, version_path: Path, options: ServerOptions) -> None:
        self._path = version_path / self.artifact
        interpreter = self._new_interpreter()
        names = interpreter.get_signature_list()
        if not names:
            raise ServingError(f"{self._path} has no signatures. Convert it again.")
        runners = {name: interpreter.get_signature_runner(name) for name in names}
        self._for_one = {n for n, runner in runners.items() if _is_for_one(runner)}
        self.signatures = {
            name: _signature(name, runner, name in self._for_one)
            for name, runner in runners.items()
        }
        self._traits = _read_traits(self._path)
        # An interpreter runs one call at a time, so each thread takes one of its own.
        self._idle = [runners]

    def predict(
        self, signature_name: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """See `Engine.predict`."""
        for name, info in self.signatures[signature_name].inputs.items():
            _check(name, inputs[name], info)
        try:
            runners = self._idle.pop()
        except IndexError:
            interpreter = self._new_interpreter()
            runners = {
                name: interpreter.get_signature_runner(name) for name in self.signatures
            }
        run = runners[signature_name]
        try:
            if signature_name in self._for_one:
                return _run_by_sample(run, inputs)
            return run(**inputs)
        except (RuntimeError, ValueError) as error:
            raise invalid_argument(" ".join(str(error).split())) from error
        finally:
            self._idle.append(runners)

    def traits(self, signature_name: str) -> Traits:
        """See `Engine.traits`; those of the whole file."""
        return self._traits

    def close(self) -> None:
        """See `Engine.close`."""
        self._idle.clear()

    def _new_interpreter(self) -> Any:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise ServingError(
                "The engine 'litert' needs the package ai-edge-litert: "
                "pip install 'keras-serving-zoo[litert]'."
            ) from error
        return Interpreter(model_path=str(self._path), num_threads=1)


def _read_traits(path: Path) -> Traits:
    from ai_edge_litert import schema_py_generated as schema

    model = schema.Model.GetRootAs(path.read_bytes(), 0)
    codes = {
        model.OperatorCodes(i).BuiltinCode() for i in range(model.OperatorCodesLength())
    }
    operators = schema.BuiltinOperator
    return Traits(
        has_loops=operators.WHILE in codes,
        has_side_effects=not codes.isdisjoint(
            (
                operators.ASSIGN_VARIABLE,
                operators.HASHTABLE_IMPORT,
                operators.RANDOM_STANDARD_NORMAL,
                operators.RANDOM_UNIFORM,
                operators.MULTINOMIAL,
            )
        ),
    )


def _is_for_one(runner: Any) -> bool:
    details = [*runner.get_input_details().values()]
    details += runner.get_output_details().values()
    return all(list(each["shape_signature"][:1]) == [1] for each in details)


def _signature(name: str, runner: Any, is_for_one: bool) -> SignatureDef:
    inputs, outputs = (
        {key: _tensor_info(key, details[key], is_for_one) for key in sorted(details)}
        for details in (runner.get_input_details(), runner.get_output_details())
    )
    return SignatureDef(name, inputs, outputs)


def _tensor_info(key: str, details: Mapping[str, Any], is_for_one: bool) -> TensorInfo:
    shape = [None if size < 0 else size for size in details["shape_signature"].tolist()]
    if is_for_one:
        shape[0] = None
    dtype = _DTYPES.get(details["dtype"], "DT_INVALID")
    return TensorInfo(key, dtype, tuple(shape), details["name"])


def _check(name: str, array: np.ndarray, info: TensorInfo) -> None:
    """Refuses what the interpreter would leave half resized, or divide by."""
    if not info.accepts(array.shape):
        raise invalid_argument(
            f"Input '{name}' has the shape {list(array.shape)}, the model takes "
            f"{list(info.shape or ())}"
        )
    if 0 in array.shape:
        raise invalid_argument(
            f"Input '{name}' has size 0 at axis {array.shape.index(0)}; the model "
            "takes 1 and more"
        )


def _run_by_sample(
    run: Callable[..., dict[str, np.ndarray]], inputs: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    sizes = {len(array) for array in inputs.values()}
    if len(sizes) > 1:
        raise invalid_argument(f"Inputs have different batch sizes: {sorted(sizes)}")
    rows = [
        run(**{name: array[i : i + 1] for name, array in inputs.items()})
        for i in range(*sizes)
    ]
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}
