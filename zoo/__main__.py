"""The `zoo` command."""

import logging
import sys

from zoo.cli.main import run


def main() -> None:
    """Runs the command line and exits with its code."""
    # Keras imports it, and it warns where it cannot keep a cache of fonts.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
