"""Names of resources in a cluster."""

import hashlib
import re

_LONGEST = 52  # A label has 63 characters, and controllers append some.


def resource_name(name: str) -> str:
    """Returns a DNS label for a model: its name where that is one.

    Another name gets a few digits of its hash, so that two stay two.

    Example:

    >>> resource_name("lenet5"), resource_name("lenet5.mnist")
    ('lenet5', 'lenet5-mnist-1bde79')
    """
    label = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if label == name and label[0].isalpha() and len(label) <= _LONGEST:
        return label
    digits = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:6]
    start = label if label[:1].isalpha() else f"model-{label}"
    return f"{start[: _LONGEST - 7].strip('-')}-{digits}"
