from .errors import ExportError as ExportError
from .errors import ParityError as ParityError
from .exporter import Artifact as Artifact
from .exporter import export_model as export_model
from .verification import verify as verify
