"""Why a model answers as it does for one sample; a method is a file in `methods/`."""
