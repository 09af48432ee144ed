"""SavedModels of a line or two, safe ones and others, for the inspection."""

import shutil
from pathlib import Path

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

STRINGS = tf.TensorSpec([None], tf.string, "x")
FLOATS = tf.TensorSpec([None], tf.float32, "x")


def save(folder, function, spec=FLOATS, **attributes):
    """Saves a module whose one signature computes `{"y": function(x)}`."""
    module = tf.Module()
    for name, value in attributes.items():
        setattr(module, name, value)

    @tf.function(input_signature=[spec])
    def serve(x):
        return {"y": function(x)}

    tf.saved_model.save(module, str(folder), signatures=serve)
    return folder


def change(folder, change):
    """Changes the protobuf of a SavedModel: `change` gets its graph."""
    path = folder / "saved_model.pb"
    saved_model = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    change(saved_model.meta_graphs[0])
    path.write_bytes(saved_model.SerializeToString())
    return folder


def add_node(graph, operator, **values):
    """Adds a node to the function that answers, whatever TensorFlow thinks of it."""
    (serve,) = (
        each
        for each in graph.graph_def.library.function
        if each.signature.name.startswith("__inference_serve")
    )
    node = serve.node_def.add(name="added", op=operator)
    for name, value in values.items():
        node.attr[name].CopyFrom(value)
    return node


def words_file(folder, content="red\ngreen\n"):
    """Writes a vocabulary to make an asset of."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "words.txt"
    path.write_text(content)
    return str(path)


def text_table(path):
    """A table that TensorFlow fills from a file when the model is loaded."""
    entries = tf.lookup.TextFileInitializer(
        path,
        *(tf.string, tf.lookup.TextFileIndex.WHOLE_LINE),
        *(tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER),
    )
    return tf.lookup.StaticHashTable(entries, -1)


def save_half_plus_two(folder, scratch):
    """Saves what TensorFlow Serving tests with: `y = x / 2 + 2` in TensorFlow 1.

    Predict, classify and regress, on `x` and on serialized examples, with an asset and
    an operation that runs at loading.

    Reference:
        TensorFlow Serving, its test model `saved_model_half_plus_two`.
    """
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        a = v1.get_variable("a", initializer=0.5, use_resource=False)
        b = v1.get_variable("b", initializer=2.0, use_resource=False)
        c = v1.get_variable("c", initializer=3.0, use_resource=False)
        examples = v1.placeholder(tf.string, name="tf_example")
        features = {
            name: tf.io.FixedLenFeature([1], tf.float32, default_value=[0.0])
            for name in ("x", "x2")
        }
        parsed = tf.io.parse_example(examples, features)
        x = tf.identity(parsed["x"], name="x")
        y, y2 = tf.add(a * x, b, name="y"), tf.add(a * x, c, name="y2")
        y3 = tf.add(a * parsed["x2"], c, name="y3")
        asset = tf.constant(words_file(scratch))
        v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, asset)
        name = v1.get_variable(
            "name", initializer="", trainable=False, collections=[], use_resource=False
        )
        at_loading = tf.group(name.assign("words.txt"))
        info = v1.saved_model.build_tensor_info
        build = v1.saved_model.build_signature_def

        def signature(inputs, outputs, method):
            return build(
                {key: info(each) for key, each in inputs.items()},
                {key: info(each) for key, each in outputs.items()},
                f"tensorflow/serving/{method}",
            )

        signatures = {
            "serving_default": signature({"x": x}, {"y": y}, "predict"),
            "regress_x_to_y": signature(
                {"inputs": examples}, {"outputs": y}, "regress"
            ),
            "regress_x_to_y2": signature(
                {"inputs": examples}, {"outputs": y2}, "regress"
            ),
            "regress_x2_to_y3": signature(
                {"inputs": parsed["x2"]}, {"outputs": y3}, "regress"
            ),
            "classify_x_to_y": signature(
                {"inputs": examples}, {"scores": y}, "classify"
            ),
        }
        session.run(v1.global_variables_initializer())
        builder = v1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            signature_def_map=signatures,
            assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS),
            main_op=at_loading,
        )
        builder.save()
    return folder


def save_lookup_of_tensorflow_1(folder, scratch):
    """Saves a lookup table over an asset, initialized as TensorFlow 1 does."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        path = tf.constant(words_file(scratch))
        v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, path)
        entries = tf.lookup.TextFileInitializer(
            path,
            *(tf.string, tf.lookup.TextFileIndex.WHOLE_LINE),
            *(tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER),
        )
        table = tf.lookup.StaticHashTable(entries, -1)
        x = v1.placeholder(tf.string, [None], name="x")
        y = table.lookup(x)
        session.run(v1.tables_initializer())
        v1.saved_model.simple_save(
            session, str(folder), {"x": x}, {"y": y}, v1.tables_initializer()
        )
    return folder


def save_again(folder, target):
    """Loads a SavedModel and saves what was loaded."""
    loaded = tf.saved_model.load(str(folder))
    tf.saved_model.save(loaded, str(target), signatures=dict(loaded.signatures))
    shutil.rmtree(folder)
    return Path(target)
