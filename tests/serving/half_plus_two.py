"""TensorFlow Serving's test model, as TensorFlow 1 and 2 save it, and as LiteRT."""

import tensorflow as tf

from tests.serving.tensorflow_1 import _save, v1


def save_tensorflow_1(folder, offset=2.0):
    """Saves `y = x / 2 + offset`: predict, classify and regress over one graph."""
    with tf.Graph().as_default(), v1.Session() as session:
        a = v1.get_variable("a", initializer=0.5, use_resource=False)
        b = v1.get_variable("b", initializer=offset, use_resource=False)
        examples = v1.placeholder(tf.string, name="tf_example")
        parsed = tf.io.parse_example(
            examples, {"x": tf.io.FixedLenFeature([1], tf.float32)}
        )
        x = tf.identity(parsed["x"], name="x")
        y = tf.add(a * x, b, name="y")
        _save(
            folder,
            session,
            {
                "serving_default": ({"x": x}, {"y": y}, "predict"),
                "regress_x_to_y": ({"inputs": examples}, {"outputs": y}, "regress"),
                "classify_x_to_y": ({"inputs": examples}, {"scores": y}, "classify"),
            },
        )
    return folder


def module(offset=2.0):
    """The same for TensorFlow 2, whose signatures are all called predictions."""

    class HalfPlusTwo(tf.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = tf.Variable(0.5), tf.Variable(offset)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, "x")])
        def predict(self, x):
            return {"y": self.a * x + self.b}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "inputs")])
        def regress(self, inputs):
            features = {"x": tf.io.FixedLenFeature([1], tf.float32)}
            x = tf.io.parse_example(inputs, features)["x"]
            return {"outputs": self.a * x + self.b}

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "inputs")])
        def classify(self, inputs):
            return {"scores": self.regress(inputs)["outputs"]}

    return HalfPlusTwo()


def save_tensorflow_2(folder, offset=2.0):
    """Saves it with the same signatures."""
    model = module(offset)
    signatures = {
        "serving_default": model.predict,
        "regress_x_to_y": model.regress,
        "classify_x_to_y": model.classify,
    }
    tf.saved_model.save(model, str(folder), signatures=signatures)
    return folder


def save_litert(folder, offset=2.0):
    """Saves the prediction alone as `model.tflite`, beside the SavedModel."""
    save_tensorflow_2(folder, offset)
    converter = tf.lite.TFLiteConverter.from_saved_model(
        str(folder), signature_keys=["serving_default"]
    )
    (folder / "model.tflite").write_bytes(converter.convert())
    return folder
