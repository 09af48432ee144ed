"""The commands `zoo` and `zoo-model-server`."""

import logging
import sys

from zoo.cli.main import run


def main() -> None:
    """Runs the command line and exits with its code."""
    # Keras imports it, and it warns where it cannot keep a cache of fonts.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    sys.exit(run(sys.argv[1:]))


def model_server() -> None:
    """Runs `zoo serve`, which takes the arguments of `tensorflow_model_server`."""
    from zoo.cli.serve import MODEL_SERVER  # Other commands start without it.

    sys.exit(run(["serve", *sys.argv[1:]], MODEL_SERVER))


if __name__ == "__main__":
    main()
