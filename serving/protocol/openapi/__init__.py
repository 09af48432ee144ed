"""OpenAPI 3.1 of the models that are loaded, generated from their signatures.

`schemas` writes what the JSON of tensors looks like, `samples` their JSON, `paths` the
operations on a model and `document` all of it.

Reference:
    OpenAPI Initiative, OpenAPI Specification 3.1.
"""
