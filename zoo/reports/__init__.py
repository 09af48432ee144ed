"""Pictures of finished runs, and pages that hold them."""

import logging

# Matplotlib tells of the fonts that it looks for and of its cache.
logging.getLogger("matplotlib").setLevel(logging.ERROR)
