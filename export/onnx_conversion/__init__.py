"""From the graph of a signature to an ONNX model, as its runtimes want it."""
