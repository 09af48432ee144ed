"""Serve exported models behind TensorFlow Serving's REST API.

Each name is imported when it is first used: a client needs neither TensorFlow
nor the server's libraries.
"""

import lazy_loader

import zoo  # noqa: F401  (it makes a later import of TensorFlow silent)

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
