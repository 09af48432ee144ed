"""The public API of the zoo; each name is imported when it is first used."""

import importlib
import os
import runpy
from pathlib import Path

import lazy_loader

from zoo.import_hooks import after_import

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# ONNX Runtime and Ray report how they are used, unless the environment says no before
# they are imported.
for _switch, _off in (
    ("ORT_DISABLE_TELEMETRY", "1"),
    ("RAY_USAGE_STATS_ENABLED", "0"),
    ("DO_NOT_TRACK", "1"),
):
    os.environ.setdefault(_switch, _off)

# By its path, because `import custom_layers` imports Keras.
_quiet = Path(__file__).parents[1] / "custom_layers/quiet.py"
runpy.run_path(str(_quiet))["install"]()

# Keras loads a saved model only if its components are registered. They are as soon
# as Keras is there, while `import zoo` alone loads neither Keras nor a backend.
after_import("keras", lambda: importlib.import_module("custom_layers"))
