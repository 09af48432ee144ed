"""SavedModels as TensorFlow 1 wrote them: what TensorFlow Serving tests with."""

import tensorflow as tf

v1 = tf.compat.v1


def _save(folder, session, signatures, **kwargs):
    definitions = {}
    for name, (inputs, outputs, method) in signatures.items():
        infos = [
            {key: v1.saved_model.build_tensor_info(each) for key, each in side.items()}
            for side in (inputs, outputs)
        ]
        definitions[name] = v1.saved_model.build_signature_def(
            *infos, f"tensorflow/serving/{method}"
        )
    session.run(v1.global_variables_initializer())
    builder = v1.saved_model.Builder(str(folder))
    builder.add_meta_graph_and_variables(
        session, ["serve"], signature_def_map=definitions, **kwargs
    )
    builder.save()


def save_half_plus_three(folder):
    """Saves `y = x / 2 + 3`: predict, classify and regress over one graph.

    Reference:
        TensorFlow Serving, its test model `saved_model_half_plus_three`.
    """
    with tf.Graph().as_default(), v1.Session() as session:
        a = v1.get_variable("a", initializer=0.5, use_resource=False)
        b = v1.get_variable("b", initializer=3.0, use_resource=False)
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
                "tensorflow/serving/regress": (
                    {"inputs": examples},
                    {"outputs": y},
                    "regress",
                ),
                "tensorflow/serving/classify": (
                    {"inputs": examples},
                    {"scores": y},
                    "classify",
                ),
            },
        )
    return folder


def save_counter(folder):
    """Saves a counter: a variable that calls change, without inputs or with a scalar.

    Reference:
        TensorFlow Serving, its test model `saved_model_counter`.
    """
    with tf.Graph().as_default(), v1.Session() as session:
        counter = v1.get_variable("counter", initializer=0.0, use_resource=False)
        delta = v1.placeholder(tf.float32, name="delta")
        by_one = v1.assign_add(counter, 1.0)
        by_delta = v1.assign_add(counter, delta)
        reset = v1.assign(counter, 0.0)
        _save(
            folder,
            session,
            {
                "get_counter": ({}, {"output": counter}, "predict"),
                "incr_counter": ({}, {"output": by_one}, "predict"),
                "incr_counter_by": ({"delta": delta}, {"output": by_delta}, "predict"),
                "reset_counter": ({}, {"output": reset}, "predict"),
            },
        )
    return folder


def example(**features):
    """Returns a serialized `tf.train.Example` of single floats."""
    message = tf.train.Example()
    for name, value in features.items():
        message.features.feature[name].float_list.value.append(value)
    return message.SerializeToString()


def save_counted_runs(folder):
    """Saves `y = 2 x` as classify and regress, and how often that was computed."""
    with tf.Graph().as_default(), v1.Session() as session:
        counter = v1.get_variable("counter", initializer=0.0, use_resource=False)
        examples = v1.placeholder(tf.string, [None], name="tf_example")
        others = v1.placeholder(tf.string, [None], name="others")
        features = {"x": tf.io.FixedLenFeature([1], tf.float32)}
        with tf.control_dependencies([v1.assign_add(counter, 1.0)]):
            y = 2 * tf.io.parse_example(examples, features)["x"]
        z = 3 * tf.io.parse_example(others, features)["x"]
        _save(
            folder,
            session,
            {
                "runs": ({}, {"count": counter}, "predict"),
                "classify": ({"inputs": examples}, {"scores": y}, "classify"),
                "regress": ({"inputs": examples}, {"outputs": y[:, 0]}, "regress"),
                "elsewhere": ({"inputs": others}, {"outputs": z}, "regress"),
            },
        )
    return folder
