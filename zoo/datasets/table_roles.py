"""Options of reading that every table takes, whatever file it is in."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from zoo.datasets.table import Table

ROLES = ("target", "features", "ignore", "categories", "group", "test_group")
TASKS = ("classification", "regression")


def with_categories(table: Table, roles: Mapping[str, Any]) -> Table:
    """Returns a table with the columns that roles call categories as such."""
    return dataclasses.replace(table, categories=roles.get("categories", ()))
