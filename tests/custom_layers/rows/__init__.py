"""The table: at least one row for each registered component, one file an area.

Every module beside this one is read: its `LAYERS`, `LOSSES` and so on add rows.
"""

import importlib
import pkgutil

LAYERS, LOSSES, OPTIMIZERS, ACTIVATIONS = [], [], [], []
INITIALIZERS, REGULARIZERS, FUNCTIONS = [], [], []
METRICS, SCHEDULES = [], []

_TABLES = {
    "LAYERS": LAYERS,
    "LOSSES": LOSSES,
    "OPTIMIZERS": OPTIMIZERS,
    "ACTIVATIONS": ACTIVATIONS,
    "INITIALIZERS": INITIALIZERS,
    "REGULARIZERS": REGULARIZERS,
    "FUNCTIONS": FUNCTIONS,
    "METRICS": METRICS,
    "SCHEDULES": SCHEDULES,
}

for _area in sorted(module.name for module in pkgutil.iter_modules(__path__)):
    _module = importlib.import_module(f"{__name__}.{_area}")
    for _name, _table in _TABLES.items():
        _table.extend(getattr(_module, _name, []))

ALL = [row for table in _TABLES.values() for row in table]
