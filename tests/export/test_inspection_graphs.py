"""Ways into the graph of a SavedModel: every field that a file can be made to say."""

import os
import random

import pytest
import tensorflow as tf
from tensorflow.core.framework import attr_value_pb2, variable_pb2

import export
from export import ExportError

from .inspecting import only, refused
from .programs import STRINGS, add_node, change, save, text_table, words_file


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
@pytest.mark.parametrize("field", ["children", "dependencies"])
def test_what_could_pass_for_a_method_of_the_loader_is_judged(
    kind, name, field, tmp_path
):
    reads = tf.function(tf.io.read_file, input_signature=[tf.TensorSpec([], tf.string)])
    variable = tf.Variable(1.0)
    save(tmp_path, tf.square, reads=reads, variable=variable)
    assert only(tmp_path).is_safe

    def attach(graph):
        nodes = graph.object_graph_def.nodes
        (number,) = (c.node_id for c in nodes[0].children if c.local_name == "reads")
        holder = next(each for each in nodes if each.HasField(kind))
        getattr(holder, field).add(local_name=name, node_id=number)

    change(tmp_path, attach)
    refused(tmp_path, "its initializers reach ReadFile")


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


def test_a_function_that_nobody_defines_is_refused(tmp_path):
    function = attr_value_pb2.NameAttrList(name="gone")
    value = attr_value_pb2.AttrValue(func=function)
    save(tmp_path, tf.square)
    change(tmp_path, lambda graph: add_node(graph, "PartitionedCall", f=value))
    refused(tmp_path, "its signatures reach gone, which it does not define")


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


@pytest.mark.parametrize("place", [b"/etc/elsewhere", b"elsewhere"])
@pytest.mark.parametrize("operator", ["RestoreV2", "SaveV2", "MergeV2Checkpoints"])
def test_saving_elsewhere_is_refused(operator, place, tmp_path):
    """Each export has these three; they pass with the name of its checkpoint alone."""
    variable = tf.Variable(1.0)
    save(tmp_path, lambda x: x + variable, variable=variable)
    assert operator in only(tmp_path).operators

    def write_elsewhere(graph):
        for function in graph.graph_def.library.function:
            elsewhere = function.node_def.add(name="elsewhere", op="Const")
            elsewhere.attr["value"].tensor.string_val.append(place)
            elsewhere.attr["value"].tensor.dtype = tf.string.as_datatype_enum
            for node in function.node_def:
                if node.op == operator:
                    node.input[0] = "elsewhere:output:0"

    change(tmp_path, write_elsewhere)
    refused(tmp_path, f"saving or restoring it reaches {operator}, which takes a file")


@pytest.mark.parametrize("part", [b"/../../../etc/cron.d/x", b"/etc/cron.d/x"])
def test_saving_beside_the_checkpoint_stays_in_its_folder(part, tmp_path):
    variable = tf.Variable(1.0)
    save(tmp_path, lambda x: x + variable, variable=variable)

    def leave(graph):
        for function in graph.graph_def.library.function:
            for node in function.node_def:
                text = (
                    node.attr["value"].tensor.string_val if node.op == "Const" else ()
                )
                if b"part" in b"".join(text):
                    text[0] = part

    change(tmp_path, leave)
    refused(tmp_path, "saving or restoring it reaches SaveV2")


def _of_the_part(node):
    return node.op == "Const" and b"part" in b"".join(
        node.attr["value"].tensor.string_val
    )


def _by_a_separator(node):
    if node.op == "StringJoin":
        node.attr["separator"].s = b"/../../../etc/cron.d/"


def _by_encoded_content(node):
    if _of_the_part(node):
        text, tensor = b"/../../../etc/cron.d/x", node.attr["value"].tensor
        tensor.ClearField("string_val")
        tensor.tensor_content = bytes([len(text)]) + text


def _by_a_parameter(node):
    if _of_the_part(node):
        node.attr["value"].placeholder = "part"


def _by_dots_that_meet(node):
    if _of_the_part(node):
        node.attr["value"].tensor.string_val[0] = b"a/."


def _by_what_stands_before(node):
    if node.op == "StringJoin":
        names = node.input[1], node.input[0]
        node.input[:] = names


@pytest.mark.parametrize(
    "leave",
    [
        *(_by_a_separator, _by_encoded_content, _by_a_parameter, _by_dots_that_meet),
        _by_what_stands_before,
    ],
)
def test_the_parts_of_a_checkpoint_hide_no_other_folder(leave, tmp_path):
    variable = tf.Variable(1.0)
    save(tmp_path, lambda x: x + variable, variable=variable)

    def edit(graph):
        for function in graph.graph_def.library.function:
            for node in function.node_def:
                leave(node)

    refused(change(tmp_path, edit), "saving or restoring it reaches SaveV2")


def test_an_attribute_that_a_caller_gives_is_refused(tmp_path):
    """The file that `PrintV2` writes would stand in the call of its function."""
    save(tmp_path, tf.square)

    def call(graph):
        function = graph.graph_def.library.function.add()
        function.signature.name = "prints"
        function.signature.attr.add(name="where", type="string")
        node = function.node_def.add(name="print", op="PrintV2")
        node.attr["output_stream"].placeholder = "where"
        where = attr_value_pb2.AttrValue(s=b"file:///tmp/owned")
        add_node(graph, "prints", where=where)

    refused(
        change(tmp_path, call), "PrintV2, which leaves its output_stream to whoever"
    )


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


def test_functions_that_unfold_are_an_error(tmp_path):
    """Each calls the one before twice: 40 of them would be 10^12 operators."""
    save(tmp_path, tf.square)

    def double(graph):
        library = graph.graph_def.library
        for i in range(40):
            function = library.function.add()
            function.signature.name = f"f{i}"
            for name in "ab":
                function.node_def.add(name=name, op=f"f{i - 1}" if i else "NoOp")
        add_node(graph, "f39")

    with pytest.raises(ExportError, match="unfold to more than 100,000 operators"):
        export.inspect(change(tmp_path, double))


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


def test_many_constants_that_unfold_are_refused(tmp_path):
    save(tmp_path, tf.square)

    def unfold(graph):
        for number in range(40):
            value = attr_value_pb2.AttrValue()
            value.tensor.dtype = tf.float32.as_datatype_enum
            value.tensor.float_val.append(1.0)
            value.tensor.tensor_shape.dim.add(size=2**21)
            node = add_node(graph, "Const", value=value)
            node.name = f"constant_{number}"

    refused(
        change(tmp_path, unfold), "its constants would take 335,5.* bytes more than"
    )


@pytest.mark.parametrize("kind", [tf.resource, tf.variant])
def test_a_constant_that_points_into_the_process_is_refused(kind, tmp_path):
    """Its name could be that of a variable of another model."""
    save(tmp_path, tf.square)

    def point(graph):
        value = attr_value_pb2.AttrValue()
        value.tensor.dtype = kind.as_datatype_enum
        name = "a variable of another model"
        if kind == tf.variant:
            held = value.tensor.variant_val.add(type_name="tensorflow::TensorList")
            held.tensors.add(dtype=tf.resource.as_datatype_enum)
            held.tensors[0].resource_handle_val.add(name=name)
        else:
            value.tensor.resource_handle_val.add(name=name)
        add_node(graph, "Const", value=value)

    refused(change(tmp_path, point), "constant 'added' is a resource of the process")


def test_a_checkpoint_behind_a_link_is_refused(tmp_path):
    variable = tf.Variable(1.0)
    folder = save(tmp_path / "model", lambda x: x + variable, variable=variable)
    (folder / "variables").rename(tmp_path / "variables")
    (folder / "variables").symlink_to(tmp_path / "variables")
    refused(folder, "it reads 'variables/variables.index', which is not in its folder")


@pytest.mark.parametrize("kind", ["a pipe", "a device"])
@pytest.mark.parametrize("name", ["fingerprint.pb", "variables/variables.index"])
def test_what_may_never_end_is_refused(name, kind, tmp_path):
    variable = tf.Variable(1.0)
    save(tmp_path, lambda x: x + variable, variable=variable)
    (tmp_path / name).unlink()
    if kind == "a pipe":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).symlink_to("/dev/zero")
    refused(tmp_path, f"it reads '{name}', which is no")


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


def _by_the_object(field):
    """By what saves or restores an object."""

    def reach(graph):
        nodes = graph.object_graph_def.nodes
        by_name = {each.local_name: each.node_id for each in nodes[0].children}
        saveable = nodes[0].saveable_objects["x"]
        saveable.save_function = saveable.restore_function = by_name["signatures"]
        setattr(saveable, field, by_name["reads"])

    return reach


@pytest.mark.parametrize(
    "reach",
    [
        _by_a_nested_attribute,
        _by_a_list_of_functions,
        _by_its_name,
        _by_a_gradient,
        _by_the_object("restore_function"),
        _by_the_object("save_function"),
    ],
)
def test_every_way_into_a_function_is_walked(reach, tmp_path):
    reads = tf.function(tf.io.read_file, input_signature=[tf.TensorSpec([], tf.string)])
    save(tmp_path, tf.square, reads=reads)
    assert only(tmp_path).is_safe
    change(tmp_path, reach)
    refused(tmp_path, "reach ReadFile, which reads files")


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


@pytest.mark.parametrize("is_swapped", [False, True])
def test_callers_that_swap_arguments_are_judged_by_both(is_swapped, tmp_path):
    table = text_table(words_file(tmp_path / "scratch"))
    folder = save(tmp_path / "model", table.lookup, STRINGS, table=table)

    def call_with_two(graph):
        call, init = _init_call(graph)
        function = graph.graph_def.library.function.add()
        function.signature.name = "fill"
        for name in ("table", "path", "other"):
            function.signature.input_arg.add(name=name)
        fill = "InitializeTableFromTextFileV2"
        function.node_def.add(name="fill", op=fill, input=["table", "path"])
        for number in range(10):  # whichever of them is walked last
            names = [call.input[0], "serving_default_x"]
            if is_swapped and number == 5:
                names.reverse()
            inputs = ["serving_default_x", *names]
            graph.graph_def.node.add(name=f"n{number}", op="fill", input=inputs)
            init.input.append(f"^n{number}")

    change(folder, call_with_two)
    if is_swapped:
        refused(folder, "initializers reach InitializeTableFromTextFileV2, which takes")
    else:
        assert only(folder).is_safe


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
