"""Operators of SavedModels: those that stay in the model, and those that leave it."""

import keras
import pytest
import tensorflow as tf
from tensorflow.core.framework import attr_value_pb2
from tensorflow.python.framework import op_def_registry

import export
from export import inspection
from export.inspection import operators

from .inspecting import only, refused
from .programs import (
    FLOATS,
    STRINGS,
    add_node,
    change,
    save,
    save_again,
    save_half_plus_two,
    save_lookup_of_tensorflow_1,
    text_table,
    words_file,
)


def _to_a_file(x):
    tf.print(x, output_stream="file:///tmp/printed")
    return x


def _saved(x):
    save = tf.raw_ops.SaveV2(
        prefix=x[0], tensor_names=["x"], shape_and_slices=[""], tensors=[x]
    )
    with tf.control_dependencies([save]):
        return tf.identity(x)


def _merged(x):
    merge = tf.raw_ops.MergeV2Checkpoints(
        checkpoint_prefixes=x, destination_prefix=x[0]
    )
    with tf.control_dependencies([merge]):
        return tf.identity(x)


def _written(x):
    with tf.control_dependencies([tf.io.write_file("/tmp/written", x[0])]):
        return tf.identity(x)


def _nested(x):
    @tf.function
    def inner(x):
        return tf.while_loop(
            lambda i, x: i < 1,
            lambda i, x: (i + 1, tf.cond(i < 1, lambda: tf.io.read_file(x), lambda: x)),
            [0, x],
        )[1]

    return inner(x[0])


def _from_the_clients_file(x):
    """Reads the lines of a file that the client names, as the keys of a table."""
    table = tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
    fill = tf.raw_ops.InitializeTableFromTextFileV2(
        table_handle=table, filename=x[0], key_index=-2, value_index=-1
    )
    with tf.control_dependencies([fill]):
        return tf.raw_ops.LookupTableSizeV2(table_handle=table)


UNSAFE = {
    "ReadFile": lambda x: tf.map_fn(tf.io.read_file, x),
    "MatchingFiles": lambda x: tf.io.matching_files(x),
    "WriteFile": _written,
    "EagerPyFunc": lambda x: tf.py_function(lambda x: x, [x], tf.string),
    "PyFunc": lambda x: tf.numpy_function(lambda x: x, [x], tf.string),
    "PyFuncStateless": lambda x: tf.numpy_function(
        lambda x: x, [x], tf.string, stateful=False
    ),
    "PrintV2": _to_a_file,
    "ImmutableConst": lambda x: tf.raw_ops.ImmutableConst(
        dtype=tf.uint8, shape=[8], memory_region_name="/etc/passwd"
    ),
    "DecodeProtoV2": lambda x: tf.io.decode_proto(
        x, "M", ["f"], [tf.string], descriptor_source="/etc/passwd"
    ).values[0],
    "FixedUnigramCandidateSampler": lambda x: (
        tf.random.fixed_unigram_candidate_sampler(
            tf.zeros([1, 1], tf.int64), 1, 1, True, 2, vocab_file="/etc/passwd"
        ).sampled_candidates
    ),
    "TextLineDataset": lambda x: tf.data.TextLineDataset(x).reduce(
        tf.constant(""), lambda all_lines, line: all_lines + line
    ),
    "SaveV2": _saved,
    "RestoreV2": lambda x: tf.raw_ops.RestoreV2(
        prefix=x[0], tensor_names=["x"], shape_and_slices=[""], dtypes=[tf.float32]
    )[0],
    "MergeV2Checkpoints": _merged,
    "InitializeTableFromTextFileV2": _from_the_clients_file,
    "Timestamp": lambda x: tf.timestamp(),
}


@pytest.mark.parametrize("operator", UNSAFE)
def test_what_leaves_the_model_is_refused(operator, tmp_path):
    folder = save(tmp_path, UNSAFE[operator], STRINGS)
    refused(folder, f"its signatures reach {operator}, which ")


def test_it_is_found_in_loops_and_branches_of_inner_functions(tmp_path):
    refused(save(tmp_path, _nested, STRINGS), "reach ReadFile, which reads files")


def test_what_runs_at_loading_is_judged(tmp_path):
    class Reads(tf.saved_model.experimental.TrackableResource):
        def _create_resource(self):
            return tf.raw_ops.VarHandleOp(dtype=tf.string, shape=[])

        def _initialize(self):
            content = tf.io.read_file("/etc/passwd")
            tf.raw_ops.AssignVariableOp(resource=self.resource_handle, value=content)

    resource = Reads()
    content = lambda x: tf.raw_ops.ReadVariableOp(  # noqa: E731
        resource=resource.resource_handle, dtype=tf.string
    )
    refused(
        save(tmp_path, content, resource=resource), "its initializers reach ReadFile"
    )


def test_what_nothing_reaches_does_no_harm(tmp_path):
    reads = tf.function(tf.io.read_file, input_signature=[tf.TensorSpec([], tf.string)])
    found = only(save(tmp_path, tf.square, reads=reads))
    assert found.is_safe
    assert "ReadFile" not in found.operators
    assert b"ReadFile" in (tmp_path / "saved_model.pb").read_bytes()


def test_unknown_operators_are_refused(tmp_path):
    save(tmp_path, tf.square)
    change(tmp_path, lambda graph: add_node(graph, "ReadMyMail"))
    refused(tmp_path, "ReadMyMail, which is none of TensorFlow's public operators")
    assert only(tmp_path).custom == ("ReadMyMail",)


def _counted(variable):
    def count(x):
        variable.assign_add(1.0)
        tf.debugging.assert_greater(variable, 0.0)
        return x + variable

    return count


def _parsed(x):
    features = {"f": tf.io.FixedLenFeature([], tf.float32)}
    return tf.io.parse_example(x, features)["f"]


def _decoded(x):
    images = tf.map_fn(lambda s: tf.io.decode_image(s, 3)[0, 0, 0], x, tf.uint8)
    lengths = tf.strings.length(tf.strings.regex_replace(x, "a+", "b"))
    tf.print(lengths)
    return tf.cast(images, tf.int32) + lengths


SAFE = {
    "pure": (tf.math.erf, FLOATS),
    "random": (lambda x: x + tf.random.normal([]) + tf.random.uniform([]), FLOATS),
    "stateless random": (
        lambda x: x + tf.random.stateless_normal([], [1, 2]),
        FLOATS,
    ),
    "loops": (
        lambda x: tf.while_loop(
            lambda i, x: i < 3, lambda i, x: (i + 1, 2 * x), [0, x]
        )[1],
        FLOATS,
    ),
    "branches": (
        lambda x: tf.switch_case(tf.size(x), [lambda: x, lambda: 2 * x]),
        FLOATS,
    ),
    "tensor lists": (lambda x: tf.map_fn(tf.square, x), FLOATS),
    "examples": (_parsed, STRINGS),
    "images and strings": (_decoded, STRINGS),
    "sampling": (
        lambda x: (
            tf.random.log_uniform_candidate_sampler(
                tf.zeros([1, 1], tf.int64), 1, 1, True, 9
            ).sampled_candidates
        ),
        FLOATS,
    ),
}


@pytest.mark.parametrize("kind", SAFE)
def test_what_stays_in_the_model_is_allowed(kind, tmp_path):
    function, spec = SAFE[kind]
    found = only(save(tmp_path, function, spec))
    assert found.refused == ()
    assert found.custom == ()
    inspection.check(tmp_path)


def test_variables_are_allowed(tmp_path):
    variable = tf.Variable(0.0)
    found = only(save(tmp_path, _counted(variable), variable=variable))
    assert found.refused == ()
    assert {"Assert", "AssignAddVariableOp", "SaveV2", "RestoreV2"} <= {
        *found.operators
    }
    assert "variables/variables.index" in found.reads


def test_generators_are_allowed(tmp_path):
    generator = tf.random.Generator.from_seed(1)
    found = only(save(tmp_path, lambda x: x + generator.normal([]), g=generator))
    assert found.refused == ()


def test_tables_are_allowed(tmp_path):
    keys = tf.lookup.StaticVocabularyTable(
        tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([0, 1], tf.int64)),
        2,
    )
    growing = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    dense = tf.lookup.experimental.DenseHashTable(
        *(tf.string, tf.int64, -1), empty_key="", deleted_key="-"
    )

    def look_up(x):
        growing.insert(x, tf.zeros(tf.shape(x), tf.int64))
        return keys.lookup(x) + growing.lookup(x) + dense.lookup(x)

    tables = {"keys": keys, "growing": growing, "dense": dense}
    assert only(save(tmp_path, look_up, STRINGS, **tables)).refused == ()


def test_a_table_over_an_own_asset_is_allowed(tmp_path):
    table = text_table(words_file(tmp_path / "scratch"))
    folder = save(tmp_path / "model", table.lookup, STRINGS, table=table)
    found = only(folder)
    assert found.refused == ()
    assert found.reads[0] == "assets/words.txt"
    assert "InitializeTableFromTextFileV2" in found.operators


def test_a_table_stays_allowed_when_it_is_saved_again(tmp_path):
    table = text_table(words_file(tmp_path / "scratch"))
    folder = save(tmp_path / "model", table.lookup, STRINGS, table=table)
    assert only(save_again(folder, tmp_path / "again")).refused == ()


def test_models_of_tensorflow_serving_pass(tmp_path):
    found = only(save_half_plus_two(tmp_path / "model", tmp_path / "scratch"))
    assert found.refused == ()
    assert {"ParseExampleV2", "RestoreV2", "Assign"} <= {*found.operators}
    assert len(found.signatures) == 5
    assert found.reads[0] == "assets/words.txt"


def test_tables_of_tensorflow_1_pass(tmp_path):
    found = only(save_lookup_of_tensorflow_1(tmp_path / "m", tmp_path / "scratch"))
    assert found.refused == ()
    assert found.reads[0] == "assets/words.txt"


def test_what_feeds_replace_is_not_reached(tmp_path):
    """A signature whose input is the end of an input pipeline."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = tf.reshape(tf.strings.to_number(tf.io.read_file("/data/x")), [1])
        v1.saved_model.simple_save(session, str(tmp_path), {"x": x}, {"y": 2 * x})
    found = only(tmp_path)
    assert found.refused == ()
    assert "ReadFile" not in found.operators


@pytest.mark.slow
def test_keras_models_pass(tmp_path):
    inputs = keras.Input((3, 1), name="x")
    x = keras.layers.Bidirectional(keras.layers.LSTM(2, dropout=0.1))(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1)(x))
    model.export(tmp_path, verbose=False)
    assert only(tmp_path).refused == ()


def test_text_models_of_keras_pass(tmp_path):
    inputs = keras.Input((), dtype="string", name="x")
    layer = keras.layers.TextVectorization(output_sequence_length=3)
    layer.adapt(["a b c", "c d"])
    keras.Model(inputs, layer(inputs)).export(tmp_path, verbose=False)
    assert only(tmp_path).refused == ()


def test_every_operator_on_the_list_is_one_of_tensorflows():
    """A name on the list that TensorFlow does not have would be a misspelling."""
    assert not [name for name in operators.FILE_NAMES if operators.is_custom(name)]
    names = [name for name in dir(tf.raw_ops) if op_def_registry.get(name)]
    assert len(names) > 1400
    node = tf.compat.v1.NodeDef
    allowed = {name for name in names if operators.refusal(node(op=name)) is None}
    assert {"MatMul", "Conv2D", "VarHandleOp", "HashTableV2", "While"} <= allowed
    touching = (
        *("File", "Dataset", "Iterator", "PyFunc", "Send", "Recv", "Rpc", "Collective"),
        *("Save", "Restore", "Reader", "Debug", "Nccl", "Remote", "Abort", "Immutable"),
        *("Queue", "Session", "WriteS", "Checkpoint"),
    )
    assert {
        name for name in allowed if any(word in name for word in touching)
    } - operators.FILE_NAMES.keys() == {
        *("BoostedTreesExampleDebugOutputs", "ShardedFilename", "ShardedFilespec"),
    }


@pytest.mark.parametrize(
    "operator",
    [
        *("Restore", "RestoreSlice", "Save", "SaveSlices"),
        *("InitializeTableFromTextFile", "RemoteCall", "Abort", "DebugIdentity"),
        *("Copy", "QueueDequeue", "Empty", "XlaCallModule", "_Send", "SummaryWriter"),
    ],
)
def test_other_operators_that_are_refused(operator, tmp_path):
    save(tmp_path, tf.square)
    change(tmp_path, lambda graph: add_node(graph, operator))
    refused(tmp_path, f"its signatures reach {operator}, which")


@pytest.mark.parametrize(
    ("operator", "attribute", "safe", "unsafe"),
    [
        ("EncodeProto", "descriptor_source", b"local://", b"/etc/passwd"),
        ("DecodeProtoV2", "descriptor_source", b"bytes://\n\xff", b"gs://bucket/x"),
        ("PrintV2", "output_stream", b"log(info)", b"file:///etc/x"),
        ("FixedUnigramCandidateSampler", "vocab_file", b"", b"x"),
    ],
)
def test_attributes_that_name_files(operator, attribute, safe, unsafe, tmp_path):
    for text, is_safe in ((safe, True), (unsafe, False)):
        value = {attribute: attr_value_pb2.AttrValue(s=text)}
        folder = save(tmp_path / str(is_safe), tf.square)
        change(folder, lambda graph, value=value: add_node(graph, operator, **value))
        assert only(folder).is_safe is is_safe
    refused(tmp_path / "False", f"{operator}, which has the {attribute}")


def test_what_the_zoo_exports_passes(published):
    found = export.inspect(published.path)
    kinds = ["saved_model", *["onnx"] * 3]  # `serving_default`, features and logits
    assert [each.format for each in found] == kinds
    assert all(each.is_safe for each in found)
    assert "assets/metadata.json" in found[0].reads
