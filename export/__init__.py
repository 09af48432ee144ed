"""The public API of the export; each name is imported when it is first used."""

import lazy_loader

import zoo  # noqa: F401  (it makes a later import of TensorFlow silent)

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
