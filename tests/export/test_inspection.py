"""What models of others would do, found before they are loaded."""

import os
import random
import shutil
import zipfile
from unittest import mock

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
from onnx import TensorProto, helper, numpy_helper
from tensorflow.core.framework import attr_value_pb2, variable_pb2
from tensorflow.python.framework import op_def_registry

import custom_layers
import export
from export import ExportError, UnsafeModelError, inspection
from export.inspection import keras_file, operators

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


def only(path):
    """The one inspection at a path, made without loading what is there."""
    with mock.patch.object(tf.saved_model, "load", side_effect=AssertionError):
        (found,) = export.inspect(path)
    return found


def refused(folder, match):
    assert not only(folder).is_safe
    with pytest.raises(UnsafeModelError, match=match) as error:
        inspection.check(folder)
    assert "\n" not in str(error.value)
    assert "--trust" in str(error.value)


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


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("user_object", "_maybe_initialize_trackable"),
        ("user_object", "_restore_from_tensors"),
        ("user_object", "add_slot"),
        ("variable", "assign"),
        ("function", "_call_flat"),
    ],
)
def test_what_could_pass_for_a_method_of_the_loader_is_judged(kind, name, tmp_path):
    reads = tf.function(tf.io.read_file, input_signature=[tf.TensorSpec([], tf.string)])
    variable = tf.Variable(1.0)
    save(tmp_path, tf.square, reads=reads, variable=variable)
    assert only(tmp_path).is_safe

    def attach(graph):
        nodes = graph.object_graph_def.nodes
        (number,) = (c.node_id for c in nodes[0].children if c.local_name == "reads")
        holder = next(each for each in nodes if each.HasField(kind))
        holder.children.add(local_name=name, node_id=number)

    change(tmp_path, attach)
    refused(tmp_path, "its initializers reach ReadFile")


def test_what_nothing_reaches_does_no_harm(tmp_path):
    reads = tf.function(tf.io.read_file, input_signature=[tf.TensorSpec([], tf.string)])
    found = only(save(tmp_path, tf.square, reads=reads))
    assert found.is_safe
    assert "ReadFile" not in found.operators
    assert b"ReadFile" in (tmp_path / "saved_model.pb").read_bytes()


def test_an_implementation_that_the_runtime_would_choose_is_judged(tmp_path):
    """TensorFlow swaps functions of one interface, for instance LSTMs for a GPU."""
    reads = tf.function(tf.io.read_file, input_signature=[tf.TensorSpec([], tf.string)])

    def implement(graph):
        for function in graph.graph_def.library.function:
            name = function.signature.name
            if "serve" in name or "read_file" in name:
                function.attr["api_implements"].s = b"shared"

    save(tmp_path, tf.square, reads=reads)
    refused(change(tmp_path, implement), "reach ReadFile")


def test_unknown_operators_are_refused(tmp_path):
    save(tmp_path, tf.square)
    change(tmp_path, lambda graph: add_node(graph, "ReadMyMail"))
    refused(tmp_path, "ReadMyMail, which is none of TensorFlow's public operators")
    assert only(tmp_path).custom == ("ReadMyMail",)


def test_a_function_that_nobody_defines_is_refused(tmp_path):
    function = attr_value_pb2.NameAttrList(name="gone")
    value = attr_value_pb2.AttrValue(func=function)
    save(tmp_path, tf.square)
    change(tmp_path, lambda graph: add_node(graph, "PartitionedCall", f=value))
    refused(tmp_path, "its signatures reach gone, which it does not define")


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


@pytest.mark.parametrize(
    "name", ["../../words.txt", "/etc/passwd", "a/../../../words.txt", "\0"]
)
def test_an_asset_outside_is_refused(name, tmp_path):
    table = text_table(words_file(tmp_path / "scratch"))
    folder = save(tmp_path / "model", table.lookup, STRINGS, table=table)

    def point_outside(graph):
        graph.asset_file_def[0].filename = name

    change(folder, point_outside)
    refused(folder, "it reads .*, which is not in its folder")


def test_an_asset_that_is_a_link_out_is_refused(tmp_path):
    table = text_table(words_file(tmp_path / "scratch"))
    folder = save(tmp_path / "model", table.lookup, STRINGS, table=table)
    (folder / "assets/words.txt").unlink()
    (folder / "assets/words.txt").symlink_to("/etc/hostname")
    refused(folder, "it reads 'assets/words.txt', which is not in its folder")


def test_an_asset_does_not_lend_its_name_to_a_client(tmp_path):
    """A tensor that a request replaces names no asset, whatever the file says."""
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        path = v1.placeholder(tf.string, [], name="path")
        table = tf.raw_ops.HashTableV2(key_dtype=tf.string, value_dtype=tf.int64)
        fill = tf.raw_ops.InitializeTableFromTextFileV2(
            table_handle=table, filename=path, key_index=-2, value_index=-1
        )
        with tf.control_dependencies([fill]):
            size = tf.raw_ops.LookupTableSizeV2(table_handle=table)
        v1.saved_model.simple_save(
            session, str(tmp_path / "model"), {"path": path}, {"size": size}
        )

    def declare(graph):
        asset = graph.asset_file_def.add(filename="words.txt")
        asset.tensor_info.name = "path:0"

    words_file(tmp_path / "model" / "assets")
    change(tmp_path / "model", declare)
    refused(tmp_path / "model", "takes a file name that is not the model's")


@pytest.mark.parametrize("way", ["another value", "another handle", "a function"])
def test_what_holds_the_name_of_an_asset_holds_nothing_else(way, tmp_path):
    """The path of an asset stands in a variable, which nothing else may write."""
    table = text_table(words_file(tmp_path / "scratch"))
    folder = save(tmp_path / "model", table.lookup, STRINGS, table=table)

    def write(graph):
        nodes = {each.name: each for each in graph.graph_def.node}
        value, handle = "serving_default_x", "Variable"
        if way == "another handle":
            handle = "alias"
            alias = graph.graph_def.node.add()
            alias.CopyFrom(nodes["Variable"])
            alias.name = handle
            alias.attr["shared_name"].s = nodes["Variable"].attr["shared_name"].s
        operator = "StatefulPartitionedCall" if way == "a function" else ""
        graph.graph_def.node.add(
            name="w", op=operator or "AssignVariableOp", input=[handle, value]
        )

    change(folder, write)
    refused(folder, "its initializers reach InitializeTableFromTextFileV2, which takes")


def test_the_saver_does_not_lend_its_name_to_a_client(tmp_path):
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        variable = v1.get_variable("v", initializer=1.0)
        session.run(variable.initializer)
        path = v1.placeholder(tf.string, [], name="path")
        (value,) = tf.raw_ops.RestoreV2(
            prefix=path, tensor_names=["v"], shape_and_slices=[""], dtypes=[tf.float32]
        )
        v1.saved_model.simple_save(
            session, str(tmp_path), {"path": path}, {"value": value}
        )

    def declare(graph):
        graph.saver_def.filename_tensor_name = "path:0"

    change(tmp_path, declare)
    refused(tmp_path, "its signatures reach RestoreV2, which takes a file name")


@pytest.mark.parametrize("operator", ["RestoreV2", "SaveV2", "MergeV2Checkpoints"])
def test_saving_elsewhere_is_refused(operator, tmp_path):
    """Each export has these three; they pass with the name of its checkpoint alone."""
    variable = tf.Variable(1.0)
    save(tmp_path, lambda x: x + variable, variable=variable)
    assert operator in only(tmp_path).operators

    def write_elsewhere(graph):
        for function in graph.graph_def.library.function:
            elsewhere = function.node_def.add(name="elsewhere", op="Const")
            elsewhere.attr["value"].tensor.string_val.append(b"/etc/elsewhere")
            elsewhere.attr["value"].tensor.dtype = tf.string.as_datatype_enum
            for node in function.node_def:
                if node.op == operator:
                    node.input[0] = "elsewhere:output:0"

    change(tmp_path, write_elsewhere)
    refused(tmp_path, f"saving or restoring it reaches {operator}, which takes a file")


def test_saving_beside_the_checkpoint_stays_in_its_folder(tmp_path):
    variable = tf.Variable(1.0)
    save(tmp_path, lambda x: x + variable, variable=variable)

    def leave(graph):
        for function in graph.graph_def.library.function:
            for node in function.node_def:
                text = (
                    node.attr["value"].tensor.string_val if node.op == "Const" else ()
                )
                if b"part" in b"".join(text):
                    text[0] = b"/../../../etc/cron.d/x"

    change(tmp_path, leave)
    refused(tmp_path, "saving or restoring it reaches SaveV2")


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


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_an_error(share, tmp_path):
    save(tmp_path, tf.square)
    content = (tmp_path / "saved_model.pb").read_bytes()
    (tmp_path / "saved_model.pb").write_bytes(content[: int(share * len(content))])
    with pytest.raises(ExportError, match="is damaged"):
        export.inspect(tmp_path)


def test_flipped_bytes_end_in_an_answer(tmp_path):
    save(tmp_path, tf.square)
    path = tmp_path / "saved_model.pb"
    content = path.read_bytes()
    generator = random.Random(0)
    for _ in range(100):
        changed = bytearray(content)
        for _ in range(3):
            changed[generator.randrange(len(changed))] ^= 1 << generator.randrange(8)
        path.write_bytes(changed)
        try:
            export.inspect(tmp_path)
        except ExportError as error:
            assert "\n" not in str(error)


def test_messages_within_messages_are_parsed_with_care(tmp_path):
    save(tmp_path, tf.square)

    def hide(graph):
        content = graph.collection_def["local_variables"].bytes_list
        content.value.append(b"\xff\xff")

    with pytest.raises(ExportError, match="is damaged"):
        export.inspect(change(tmp_path, hide))


def test_functions_that_call_each_other_are_an_error(tmp_path):
    save(tmp_path, tf.square)

    def close_the_circle(graph):
        names = [each.signature.name for each in graph.graph_def.library.function]
        first, last = graph.graph_def.library.function[0], names[-1]
        first.node_def.add(name="down", op=last)
        graph.graph_def.library.function[-1].node_def.add(name="up", op=names[0])

    with pytest.raises(ExportError, match="calls itself through others"):
        export.inspect(change(tmp_path, close_the_circle))


def test_nodes_of_one_name_are_an_error(tmp_path):
    save(tmp_path, tf.square)
    change(tmp_path, lambda graph: [add_node(graph, "NoOp"), add_node(graph, "NoOp")])
    with pytest.raises(ExportError, match="it has two nodes 'added'"):
        export.inspect(tmp_path)


def test_objects_that_are_not_there_are_an_error(tmp_path):
    save(tmp_path, tf.square)

    def point_nowhere(graph):
        child = graph.object_graph_def.nodes[0].children.add()
        child.local_name, child.node_id = "_initialize", 10**6

    with pytest.raises(ExportError, match="it has no object 1000000"):
        export.inspect(change(tmp_path, point_nowhere))


def test_a_constant_that_unfolds_is_refused(tmp_path):
    save(tmp_path, tf.square)

    def unfold(graph):
        value = attr_value_pb2.AttrValue()
        value.tensor.dtype = tf.float32.as_datatype_enum
        value.tensor.float_val.append(1.0)
        value.tensor.tensor_shape.dim.add(size=2**20)
        value.tensor.tensor_shape.dim.add(size=2**20)
        add_node(graph, "Const", value=value)

    refused(change(tmp_path, unfold), "constant 'added' would take 4,398,046,511,104 b")


def test_a_constant_that_points_into_the_process_is_refused(tmp_path):
    """Its name could be that of a variable of another model."""
    save(tmp_path, tf.square)

    def point(graph):
        value = attr_value_pb2.AttrValue()
        value.tensor.dtype = tf.resource.as_datatype_enum
        value.tensor.resource_handle_val.add(name="a variable of another model")
        add_node(graph, "Const", value=value)

    refused(change(tmp_path, point), "constant 'added' is a resource of the process")


def test_a_checkpoint_behind_a_link_is_refused(tmp_path):
    variable = tf.Variable(1.0)
    folder = save(tmp_path / "model", lambda x: x + variable, variable=variable)
    (folder / "variables").rename(tmp_path / "variables")
    (folder / "variables").symlink_to(tmp_path / "variables")
    refused(folder, "it reads 'variables/variables.index', which is not in its folder")


def test_a_file_that_no_protobuf_can_be_is_an_error(tmp_path):
    with (tmp_path / "saved_model.pb").open("wb") as file:
        os.truncate(file.fileno(), 2**32)
    with pytest.raises(ExportError, match="4,294,967,296 bytes; a protobuf has 2 GiB"):
        export.inspect(tmp_path)


def test_long_chains_are_walked_without_recursion(tmp_path):
    save(tmp_path, tf.square)

    def chain(graph):
        serve = graph.graph_def.library.function[0]
        for i in range(20_000):
            serve.node_def.add(
                name=f"n{i}", op="Identity", input=[f"n{i + 1}:output:0"]
            )
        serve.node_def.add(
            name="reads",
            op="InitializeTableFromTextFileV2",
            input=["n0", "n0:output:0"],
        )

    assert only(change(tmp_path, chain)).operators["Identity"] > 20_000


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


# What a file can be made to say, node by node


def _read_file(graph, name="reads"):
    """Adds to the graph itself a node that reads a file."""
    graph.graph_def.node.add(name=f"{name}_path", op="Const")
    return graph.graph_def.node.add(name=name, op="ReadFile", input=[f"{name}_path"])


def _numbers(folder):
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None], name="x")
        v1.saved_model.simple_save(session, str(folder), {"x": x}, {"y": 2 * x})
    return folder


def _by_signature(graph):
    graph.signature_def["more"].outputs["y"].name = "reads:0"


def _by_a_sparse_tensor(field):
    def reach(graph):
        output = graph.signature_def["more"].outputs["y"]
        setattr(output.coo_sparse, f"{field}_tensor_name", "reads:0")

    return reach


def _by_a_composite_tensor(graph):
    output = graph.signature_def["more"].outputs["y"]
    output.composite_tensor.components.add().name = "reads:0"


def _by_a_control_dependency(graph):
    nodes = {each.name: each for each in graph.graph_def.node}
    (output,) = graph.signature_def["serving_default"].outputs.values()
    nodes[output.name.partition(":")[0]].input.append("^reads")


def _at_loading(graph):
    graph.signature_def["__saved_model_init_op"].outputs["op"].name = "reads"


def _by_a_collection(name):
    def reach(graph):
        graph.collection_def[name].node_list.value.append("reads")

    return reach


def _by_a_local_variable(graph):
    content = variable_pb2.VariableDef(initializer_name="reads").SerializeToString()
    graph.collection_def["local_variables"].bytes_list.value.append(content)


def _by_the_saver(graph):
    graph.saver_def.restore_op_name = "reads"


@pytest.mark.parametrize(
    ("reach", "who"),
    [
        (_by_signature, "signatures reach"),
        (_by_a_sparse_tensor("values"), "signatures reach"),
        (_by_a_sparse_tensor("indices"), "signatures reach"),
        (_by_a_sparse_tensor("dense_shape"), "signatures reach"),
        (_by_a_composite_tensor, "signatures reach"),
        (_by_a_control_dependency, "signatures reach"),
        (_at_loading, "initializers reach"),
        (_by_a_collection("saved_model_main_op"), "initializers reach"),
        (_by_a_collection("legacy_init_op"), "initializers reach"),
        (_by_a_collection("table_initializer"), "initializers reach"),
        (_by_a_local_variable, "initializers reach"),
        (_by_the_saver, "saving or restoring it reaches"),
    ],
)
def test_every_way_into_a_graph_is_walked(reach, who, tmp_path):
    change(_numbers(tmp_path), _read_file)
    assert only(tmp_path).is_safe
    change(tmp_path, reach)
    refused(tmp_path, f"{who} ReadFile, which reads files")


def _function(graph, word):
    (name,) = (
        each.signature.name
        for each in graph.graph_def.library.function
        if each.signature.name.startswith(f"__inference_{word}")
    )
    return name


def _by_a_nested_attribute(graph):
    inner = attr_value_pb2.NameAttrList(name=_function(graph, "read_file"))
    graph.graph_def.library.function.add().signature.name = "harmless"
    value = attr_value_pb2.AttrValue()
    value.func.name = "harmless"
    value.func.attr["f"].func.CopyFrom(inner)
    add_node(graph, "If", then_branch=value)


def _by_a_list_of_functions(graph):
    value = attr_value_pb2.AttrValue()
    value.list.func.add(name=_function(graph, "read_file"))
    add_node(graph, "Case", branches=value)


def _by_its_name(graph):
    add_node(graph, _function(graph, "read_file"))


def _by_a_gradient(graph):
    graph.graph_def.library.gradient.add(
        function_name=_function(graph, "serve"),
        gradient_func=_function(graph, "read_file"),
    )


def _by_what_restores_an_object(graph):
    nodes = graph.object_graph_def.nodes
    (number,) = (c.node_id for c in nodes[0].children if c.local_name == "reads")
    nodes[0].saveable_objects["x"].restore_function = number


@pytest.mark.parametrize(
    "reach",
    [
        _by_a_nested_attribute,
        _by_a_list_of_functions,
        _by_its_name,
        _by_a_gradient,
        _by_what_restores_an_object,
    ],
)
def test_every_way_into_a_function_is_walked(reach, tmp_path):
    reads = tf.function(tf.io.read_file, input_signature=[tf.TensorSpec([], tf.string)])
    save(tmp_path, tf.square, reads=reads)
    assert only(tmp_path).is_safe
    change(tmp_path, reach)
    refused(tmp_path, "reach ReadFile, which reads files")


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


def test_lists_of_constants_are_measured(tmp_path):
    save(tmp_path, tf.square)
    value = attr_value_pb2.AttrValue()
    tensor = value.list.tensor.add(dtype=tf.int8.as_datatype_enum)
    tensor.tensor_shape.dim.add(size=2**40)
    change(tmp_path, lambda graph: add_node(graph, "NoOp", values=value))
    refused(tmp_path, "constant 'added' would take 1,099,511,627,776 bytes")


def _init_call(graph):
    nodes = {each.name: each for each in graph.graph_def.node}
    name = _function(graph, "_initializer")
    (call,) = (each for each in nodes.values() if each.attr["f"].func.name == name)
    (init,) = graph.signature_def["__saved_model_init_op"].outputs.values()
    return call, nodes[init.name]


def test_a_function_that_is_called_with_two_names_is_judged_by_both(tmp_path):
    table = text_table(words_file(tmp_path / "scratch"))
    folder = save(tmp_path / "model", table.lookup, STRINGS, table=table)

    def call_again(graph):
        call, init = _init_call(graph)
        again = graph.graph_def.node.add()
        again.CopyFrom(call)
        again.name = "again"
        again.input[0] = "serving_default_x"
        init.input.append("^again")

    change(folder, call_again)
    refused(folder, "initializers reach InitializeTableFromTextFileV2, which takes a f")


def test_arguments_that_are_lists_hide_no_name(tmp_path):
    """The second tensor of a call need not be the second argument of the function."""
    table = text_table(words_file(tmp_path / "scratch"))
    folder = save(tmp_path / "model", table.lookup, STRINGS, table=table)

    def call_with_lists(graph):
        call, init = _init_call(graph)
        function = graph.graph_def.library.function.add()
        function.signature.name = "lists"
        function.signature.input_arg.add(name="none", number_attr="N")
        function.signature.input_arg.add(name="two", number_attr="M")
        function.node_def.add(
            name="fill", op="InitializeTableFromTextFileV2", input=["two:1", "two:0"]
        )
        inputs = ["serving_default_x", call.input[0]]
        graph.graph_def.node.add(name="again", op="lists", input=inputs)
        init.input.append("^again")

    change(folder, call_with_lists)
    refused(folder, "initializers reach InitializeTableFromTextFileV2, which takes a f")


# ONNX


def write_onnx(folder, nodes, initializers=(), functions=(), domains=("",)):
    folder.mkdir(exist_ok=True)
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch"])],
        list(initializers),
    )
    opsets = [
        helper.make_opsetid(domain, 17 if not domain else 1) for domain in domains
    ]
    model = helper.make_model(
        graph, opset_imports=opsets, functions=list(functions), ir_version=9
    )
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return folder


def external(location):
    tensor = numpy_helper.from_array(np.float32([2]), "factor")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return tensor


MUL = helper.make_node("Mul", ["x", "factor"], ["y"])


def test_onnx_with_its_own_data_is_allowed(tmp_path):
    folder = write_onnx(tmp_path / "model", [MUL], [external("weights/w.bin")])
    refused(folder, "it reads 'weights/w.bin', which is not there")
    (folder / "weights").mkdir()
    (folder / "weights/w.bin").write_bytes(np.float32([2]).tobytes())
    found = only(folder)
    assert (found.reads, found.refused) == (("weights/w.bin",), ())
    assert found.bytes == (folder / "model.onnx").stat().st_size + 4
    assert found.operators == {"Mul": 1}
    shape = {"dtype": "float32", "shape": [None]}
    assert found.signatures == {
        "serving_default": {"inputs": {"x": shape}, "outputs": {"y": shape}}
    }
    assert only(folder / "model.onnx") == found


@pytest.mark.parametrize(
    "location",
    ["/etc/hostname", "../w.bin", "link/w.bin", "link.bin", "", ".", "a\0b", "loop"],
)
def test_onnx_with_data_of_others_is_refused(location, tmp_path):
    (tmp_path / "w.bin").write_bytes(b"1234")
    folder = write_onnx(tmp_path / "model", [MUL], [external(location)])
    (folder / "link").symlink_to(tmp_path)
    (folder / "link.bin").symlink_to(tmp_path / "w.bin")
    (folder / "loop").symlink_to(folder / "loop")
    refused(folder, "it reads '.*', which is not in its folder")


def _in_a_branch(location):
    value = helper.make_node("Constant", [], ["v"], value=external(location))
    output = helper.make_tensor_value_info("v", TensorProto.FLOAT, None)
    graph = helper.make_graph([value], "branch", [], [output])
    condition = helper.make_node(
        "Constant", [], ["c"], value=numpy_helper.from_array(np.array(True))
    )
    branches = {"then_branch": graph, "else_branch": graph}
    return [condition, helper.make_node("If", ["c"], ["y"], **branches)], ()


def _in_a_function(location):
    value = helper.make_node("Constant", [], ["v"], value=external(location))
    opset = [helper.make_opsetid("", 17)]
    function = helper.make_function("own", "F", ["a"], ["v"], [value], opset)
    return [helper.make_node("F", ["x"], ["y"], domain="own")], [function]


@pytest.mark.parametrize("make", [_in_a_branch, _in_a_function])
def test_onnx_is_searched_through(make, tmp_path):
    nodes, functions = make("/etc/hostname")
    folder = write_onnx(tmp_path / "m", nodes, (), functions, domains=("", "own"))
    refused(folder, "it reads '/etc/hostname'")
    assert only(folder).custom == ()


@pytest.mark.parametrize(
    ("domain", "operator", "name"),
    [
        ("my.company", "ReadMyMail", "my.company.ReadMyMail"),
        ("com.microsoft", "EPContext", "com.microsoft.EPContext"),
        ("ai.onnx.contrib", "PyOp", "ai.onnx.contrib.PyOp"),
        ("", "ReadMyMail", "ReadMyMail"),
    ],
)
def test_custom_operators_of_onnx_are_refused(domain, operator, name, tmp_path):
    nodes = [helper.make_node(operator, ["x"], ["y"], domain=domain)]
    folder = write_onnx(tmp_path / "m", nodes, domains={"", domain})
    refused(folder, f"it uses {name}, which is none of ONNX's own operators")
    assert only(folder).custom == (name,)


@pytest.mark.parametrize(
    ("domain", "operator"), [("com.microsoft", "QuickGelu"), ("ai.onnx.ml", "Scaler")]
)
def test_operators_of_the_runtime_are_allowed(domain, operator, tmp_path):
    nodes = [helper.make_node(operator, ["x"], ["y"], domain=domain)]
    assert only(write_onnx(tmp_path / "m", nodes, domains=("", domain))).is_safe


def test_every_signature_in_onnx_is_judged(tmp_path):
    folder = write_onnx(tmp_path / "m", [helper.make_node("Relu", ["x"], ["y"])])
    (folder / "onnx").mkdir()
    write_onnx(folder / "onnx/features", [MUL], [external("/etc/hostname")])
    assert [each.is_safe for each in export.inspect(folder)] == [True, False]
    for loaded in (None, "model.onnx"):
        with pytest.raises(UnsafeModelError, match=r"features/model\.onnx is refused"):
            inspection.check(folder, loaded)
    inspection.check(folder, "saved_model.pb")


@pytest.mark.parametrize("content", [b"", b"not a protobuf", b"\x0a"])
def test_what_is_no_onnx_is_an_error(content, tmp_path):
    (tmp_path / "model.onnx").write_bytes(content)
    with pytest.raises(ExportError, match="is damaged"):
        export.inspect(tmp_path)


@pytest.mark.parametrize("name", [b"Relu", b"batch", b"graph", b"x"])
def test_names_that_are_no_text_end_in_an_error(name, tmp_path):
    nodes = [helper.make_node("Relu", ["x"], ["y"])]
    folder = write_onnx(tmp_path, nodes)
    content = (folder / "model.onnx").read_bytes()
    (folder / "model.onnx").write_bytes(content.replace(name, b"\xff" * len(name)))
    with pytest.raises(ExportError, match="a name in it is no text"):
        export.inspect(folder)


def test_nested_messages_end_in_an_error(tmp_path):
    model = onnx.ModelProto()
    graph = model.graph
    for _ in range(60):
        graph = graph.node.add(op_type="If").attribute.add(name="b").g
    folder = write_onnx(tmp_path, [])
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ExportError, match="is damaged"):
        export.inspect(folder)


# LiteRT


def write_litert(folder, function, spec, kinds):
    save(folder / "saved", function, spec)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved"))
    converter.target_spec.supported_ops = kinds
    (folder / "model.tflite").write_bytes(converter.convert())
    return folder / "model.tflite"


def test_litert_with_its_own_operators_is_allowed(tmp_path):
    kinds = [tf.lite.OpsSet.TFLITE_BUILTINS]
    path = write_litert(tmp_path, lambda x: tf.tanh(2 * x), FLOATS, kinds)
    found = only(path)
    assert (found.format, found.refused) == ("litert", ())
    assert found.operators == {"MUL": 1, "TANH": 1}
    shape = {"dtype": "float32", "shape": [None]}
    signature = {"inputs": {"x": shape}, "outputs": {"y": shape}}
    assert found.signatures == {"serving_default": signature}


def test_litert_with_operators_of_tensorflow_is_refused(tmp_path):
    kinds = [tf.lite.OpsSet.SELECT_TF_OPS]
    reads = lambda x: tf.io.read_file(x[0])  # noqa: E731
    path = write_litert(tmp_path, reads, STRINGS, kinds)
    assert "FlexReadFile" in only(path).custom
    shutil.rmtree(tmp_path / "saved")
    refused(tmp_path, "it uses FlexReadFile, which is none of LiteRT's own operators")


def test_litert_that_is_damaged_is_an_error(tmp_path):
    kinds = [tf.lite.OpsSet.TFLITE_BUILTINS]
    path = write_litert(tmp_path, lambda x: tf.tanh(2 * x), FLOATS, kinds)
    content = path.read_bytes()
    for short in (b"", b"text", content[:8], content[: len(content) // 2]):
        path.write_bytes(short)
        with pytest.raises(ExportError, match="is damaged"):
            export.inspect(path)
    generator = random.Random(0)
    for _ in range(300):
        changed = bytearray(content)
        for _ in range(3):
            changed[generator.randrange(len(changed))] ^= 1 << generator.randrange(8)
        path.write_bytes(changed)
        try:
            export.inspect(path)
        except ExportError as error:
            assert "\n" not in str(error)


# Keras


@keras.saving.register_keras_serializable("mine")
class Mine(keras.layers.Layer):
    def call(self, x):
        return x


@pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_keras_files_are_listed(suffix, tmp_path):
    x = keras.Input((2,), name="x")
    own = keras.Model(x, Mine()(custom_layers.Dense(2)(keras.layers.ReLU()(x))))
    own.save(tmp_path / f"own{suffix}")
    found = only(tmp_path / f"own{suffix}")
    assert (found.format, found.refused) == ("keras", ())
    assert [name.rpartition(">")[2] for name in found.custom] == ["Mine"]
    assert found.operators["ReLU"] == 1
    keras.Model(x, keras.layers.Lambda(lambda x: x + 1)(x)).save(
        tmp_path / f"code{suffix}"
    )
    found = only(tmp_path / f"code{suffix}")
    assert found.refused[0].startswith("it holds Python code (a Lambda layer)")


@pytest.mark.parametrize("name", ["x.keras", "x.h5"])
@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04"])
def test_keras_files_that_are_none_are_errors(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ExportError, match="holds no Keras model|is damaged"):
        export.inspect(tmp_path / name)


def test_a_keras_file_that_would_fill_the_memory_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(keras_file, "LARGEST_CONFIG", 2**16)
    with zipfile.ZipFile(tmp_path / "x.keras", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", b" " * 2**20)
    with pytest.raises(ExportError, match="would take 1,048,576 bytes"):
        export.inspect(tmp_path / "x.keras")


def test_other_files_are_errors(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"")
    with pytest.raises(ExportError, match="is no model that can be inspected"):
        export.inspect(tmp_path / "model.bin")


@pytest.mark.parametrize("make", [str, lambda path: path])
def test_paths(make, tmp_path):
    for version in ("2", "10"):
        save(tmp_path / "m" / version, tf.square)
    found = only(make(tmp_path / "m"))
    assert found.path == tmp_path / "m/10/saved_model.pb"
    assert only(make(found.path)) == found
    with pytest.raises(ExportError, match="There is no model"):
        export.inspect(make(tmp_path / "nothing"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(
        ExportError, match=r"holds neither saved_model\.pb nor ONNX or L"
    ):
        export.inspect(make(tmp_path / "empty"))


def test_what_the_zoo_exports_passes(published):
    found = export.inspect(published.path)
    kinds = ["saved_model", *["onnx"] * 3]  # `serving_default`, features and logits
    assert [each.format for each in found] == kinds
    assert all(each.is_safe for each in found)
    assert "assets/metadata.json" in found[0].reads
