"""The `zoo` command."""

import os
import sys

from zoo.cli.main import run
from zoo.cli.quiet import QuietTensorFlow


def main() -> None:
    """Runs the command line and exits with its code."""
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") == "3":
        sys.meta_path.insert(0, QuietTensorFlow())
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
