"""Which versions of a model are served, as in `ServableVersionPolicy`."""

import dataclasses
from collections.abc import Collection


@dataclasses.dataclass(frozen=True)
class Latest:
    """The greatest version numbers.

    Args:
        num_versions: How many.
    """

    num_versions: int = 1

    def candidates(self, versions: Collection[int]) -> list[int]:
        """All versions in the order of preference.

        Example:

        >>> Latest().candidates({1, 10, 9})
        [10, 9, 1]
        """
        return sorted(versions, reverse=True)

    def count(self, candidates: Collection[int]) -> int:
        """How many of the candidates are to be loaded."""
        return self.num_versions

    def missing(self, versions: Collection[int]) -> list[int]:
        """Nothing: any versions will do."""
        return []


@dataclasses.dataclass(frozen=True)
class All:
    """Every version."""

    def candidates(self, versions: Collection[int]) -> list[int]:
        """All versions, the newest first."""
        return sorted(versions, reverse=True)

    def count(self, candidates: Collection[int]) -> int:
        """All of them."""
        return len(candidates)

    def missing(self, versions: Collection[int]) -> list[int]:
        """Nothing: any versions will do."""
        return []


@dataclasses.dataclass(frozen=True)
class Specific:
    """The versions that are named.

    Args:
        versions: Their numbers.
    """

    versions: tuple[int, ...]

    def candidates(self, versions: Collection[int]) -> list[int]:
        """Those of the named versions that are there.

        Example:

        >>> Specific((3, 7)).candidates({1, 2, 3})
        [3]
        """
        return sorted(set(versions) & set(self.versions), reverse=True)

    def count(self, candidates: Collection[int]) -> int:
        """All of them."""
        return len(candidates)

    def missing(self, versions: Collection[int]) -> list[int]:
        """Those of the named versions that are not there.

        Example:

        >>> Specific((3, 7)).missing({1, 2, 3})
        [7]
        """
        return sorted(set(self.versions) - set(versions))


VersionPolicy = Latest | All | Specific
