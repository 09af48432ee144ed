"""The public API of the zoo; each name is imported when it is first used."""

import importlib
import importlib.util
import runpy
from pathlib import Path

import lazy_loader
import wrapt

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# By its path, because `import custom_layers` imports Keras.
_custom_layers = importlib.util.find_spec("custom_layers")
runpy.run_path(str(Path(_custom_layers.origin).with_name("quiet.py")))["install"]()

# Keras loads a saved model only if its components are registered. They are as soon
# as Keras is there, while `import zoo` alone loads neither Keras nor a backend.
wrapt.register_post_import_hook(
    lambda _: importlib.import_module("custom_layers"), "keras"
)
