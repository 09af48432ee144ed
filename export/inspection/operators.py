"""The one list of operators: which of them a model may use without being trusted.

`zoo inspect`, `zoo verify` and the server judge by it. What is not on it is refused, so
an operator that a later TensorFlow adds is refused, too, unless it has no state.
"""

import dataclasses
import re
from typing import TYPE_CHECKING

from export import onnx_file
from export.inspection.program import Body
from export.inspection.walk import Source, Walk

if TYPE_CHECKING:
    from tensorflow.core.framework import node_def_pb2

# TensorFlow's operators without state compute from their inputs alone, but for these.
_REFUSED = {
    "runs code of the host language": r"PyFuncStateless",
    "reads files": r"ReadFile|MatchingFiles|ImmutableConst|GenerateVocabRemapping"
    r"|Reader\w+",
    "builds an input pipeline, which can read files": r"\w*(Dataset|Iterator)\w*",
    "sends tensors to an address": r"Debug\w+|Copy|CopyHost",
    "waits for other programs": r"(Queue|Barrier|Accumulator|SparseAccumulator)\w+",
    "ends the process": r"Abort",
}
# What the other ones do that have state; only for the message.
_ACTS = {
    "runs code of the host language": r"(Eager)?PyFunc",
    "reads or writes files": r"\w*(File|Save|Restore|Record|Reader|Summary)\w*",
    "uses the network": r"\w*(Send|Recv|Rpc|Remote|Collective|Nccl|Heartbeat)\w*",
    "builds an input pipeline, which can read files": r"\w*(Dataset|Iterator)\w*",
}
# Operators with state that stays in the process and in the model.
_STATEFUL = {
    "variables": r"Variable(V2|Shape)?|TemporaryVariable|Var(Handle|IsInitialized)Op"
    r"|ReadVariable(Op|XlaSplitND)|Assign(Add|Sub)?VariableOp|AssignVariableXlaConcatND"
    r"|DestroyResourceOp|DisableCopyOnRead|GuaranteeConst|DeepCopy"
    r"|Resource(Gather|Scatter|Apply|SparseApply|CountUpTo|StridedSliceAssign)\w*"
    r"|(Is)?BoostedTrees\w+",
    "lookup tables": r"(Anonymous)?(Mutable)?(Dense)?HashTable(OfTensors)?(V2)?"
    r"|InitializeTableV2|LookupTable(Export|Find|Import|Insert|Remove|Size)V2",
    "random numbers": r"Random(Crop|Gamma|Shuffle|StandardNormal)"
    r"|Random(Poisson|Uniform)(V2|Int)?|(Parameterized)?TruncatedNormal|Multinomial"
    r"|Stateful(RandomBinomial|StandardNormal|TruncatedNormal|Uniform)\w*"
    r"|Rng(ReadAnd)?Skip|NonDeterministicInts|StatelessRandomGetAlg"
    r"|SampleDistortedBoundingBox(V2)?|\w+CandidateSampler|CudnnRNN(Backprop)?(V2|V3)?",
    "control flow": r"If|Case|While|StatefulPartitionedCall|Assert|CheckNumerics(V2)?"
    r"|TensorArray(Grad(WithShape)?|Write|Read|Gather|Scatter|Concat|Split|Size|Close)?"
    r"(V2|V3)?|Stack(Push|Pop|Close)?(V2)?|DeviceIndex|Print(V2)?",
}
# Attributes that could name a file, and what they may be.
_ATTRIBUTES = {
    "FixedUnigramCandidateSampler": ("vocab_file", ""),
    "DecodeProtoV2": ("descriptor_source", r"|local://|bytes://.*"),
    "EncodeProto": ("descriptor_source", r"|local://|bytes://.*"),
    "PrintV2": ("output_stream", r"|stdout|stderr|log\(\w+\)"),
}
# ONNX Runtime's own operators, as its quantizer and optimizer write them.
_ONNX_RUNTIME = {
    *("Attention", "BiasGelu", "BiasSoftmax", "BiasSplitGelu", "DequantizeLinear"),
    *("DynamicQuantizeLSTM", "DynamicQuantizeMatMul", "EmbedLayerNormalization"),
    *("FastGelu", "FusedConv", "FusedGemm", "FusedMatMul", "Gelu", "GemmFastGelu"),
    *("GroupQueryAttention", "MatMulIntegerToFloat", "MatMulNBits"),
    *("MultiHeadAttention", "NhwcMaxPool", "QAttention", "QEmbedLayerNormalization"),
    *("QGemm", "QLinearAdd", "QLinearAveragePool", "QLinearConcat", "QLinearConv"),
    *("QLinearGlobalAveragePool", "QLinearLeakyRelu", "QLinearMul"),
    *("QLinearReduceMean", "QLinearSigmoid", "QLinearSoftmax", "QLinearWhere", "QMoE"),
    *("QuantizeLinear", "QuickGelu", "RotaryEmbedding", "SimplifiedLayerNormalization"),
    *("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "TransposeMatMul"),
}


@dataclasses.dataclass(frozen=True)
class FileName:
    """What the input of an operator that touches files has to be.

    Args:
        source: The file that it has to name.
        is_beside: Whether it may be the name of a part of it, joined with literals.
    """

    source: Source
    is_beside: bool = False

    def fits(
        self, walk: Walk, body: Body, node: "node_def_pb2.NodeDef", position: int
    ) -> bool:
        """Whether the input of a node at that position is such a name."""
        if position >= len(node.input):
            return False
        fits = walk.is_beside if self.is_beside else walk.comes_from
        return fits(body, node.input[position], self.source)


_PART = FileName(Source.CHECKPOINT, is_beside=True)
_WHOLE = FileName(Source.CHECKPOINT)
# Operators that touch files, allowed where each of these inputs names one of its own:
# as they stand in the save and restore functions of each export, and in lookup tables.
FILE_NAMES = {
    "InitializeTableFromTextFile": {1: FileName(Source.ASSET)},
    "InitializeTableFromTextFileV2": {1: FileName(Source.ASSET)},
    "MergeV2Checkpoints": {0: _PART, 1: _WHOLE},
    "Restore": {0: _WHOLE},
    "RestoreSlice": {0: _WHOLE},
    "RestoreV2": {0: _WHOLE},
    "Save": {0: _PART},
    "SaveSlices": {0: _PART},
    "SaveV2": {0: _PART},
}


def refusal(node: "node_def_pb2.NodeDef") -> str | None:
    """Returns why a node of a TensorFlow graph is refused, or None.

    Calls of functions and `FILE_NAMES` are not its matter.
    """
    from tensorflow.python.framework import op_def_registry

    if is_custom(node.op):
        return "is none of TensorFlow's public operators"
    # A caller of the function that it is in would say what it is, unseen here.
    for name in sorted(node.attr):
        if node.attr[name].WhichOneof("value") == "placeholder":
            return f"leaves its {name} to whoever calls it"
    if node.op in _ATTRIBUTES:
        name, pattern = _ATTRIBUTES[node.op]
        value = node.attr[name].s.decode(errors="replace") if name in node.attr else ""
        if not re.fullmatch(pattern, value, re.DOTALL):
            return f"has the {name} {value!r}"
    if not op_def_registry.get(node.op).is_stateful:
        return _first_match(node.op, _REFUSED)
    if _first_match(node.op, _STATEFUL):
        return None
    return _first_match(node.op, _ACTS) or "keeps state that is not the model's"


def is_custom(operator: str) -> bool:
    """Whether TensorFlow does not offer an operator itself."""
    import tensorflow as tf
    from tensorflow.python.framework import op_def_registry

    is_registered = op_def_registry.get(operator) is not None
    return not (is_registered and hasattr(tf.raw_ops, operator))


def is_custom_onnx(domain: str, operator: str) -> bool:
    """Whether neither ONNX nor ONNX Runtime defines an operator."""
    if domain == "com.microsoft":
        return operator not in _ONNX_RUNTIME
    return not onnx_file.is_standard(domain, operator)


def onnx_name(domain: str, operator: str) -> str:
    """Returns an operator's name with its domain, unless that is ONNX's own.

    >>> onnx_name("", "Conv"), onnx_name("ai.onnx.ml", "Scaler")
    ('Conv', 'ai.onnx.ml.Scaler')
    """
    return f"{domain}.{operator}" if domain else operator


def _first_match(name: str, patterns: dict[str, str]) -> str | None:
    for what, pattern in patterns.items():
        if re.fullmatch(pattern, name):
            return what
    return None
