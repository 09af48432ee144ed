from .errors import ExportError as ExportError
from .errors import ParityError as ParityError
from .exporter import Artifact as Artifact
from .exporter import export_model as export_model
from .formats import DEFAULT_FORMATS as DEFAULT_FORMATS
from .formats import Format as Format
from .formats import register_format as register_format
from .verification import verify as verify
