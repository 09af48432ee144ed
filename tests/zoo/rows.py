"""A row for each architecture: what makes it small enough to test.

Instances such as `lenet5.mnist` are built by the same function and tested in the
form that they ship in, so they need no row.
"""

import dataclasses
from typing import Any

import pytest

import zoo


@dataclasses.dataclass(frozen=True)
class Row:
    """Arguments that make a registered architecture tiny.

    `fitted` is the loss at which it knows six samples by heart.
    """

    name: str
    arguments: dict[str, Any]
    fitted: float = 0.05
    learning_rate: float = 0.01


TINY_PICTURE = {"input_shape": (4, 4, 1), "num_classes": 3}
TINY_ROWS = TINY_PICTURE | {"units": 16, "dropout": 0.0}
TINY_CODE = {"input_shape": (4, 4, 1), "hidden_units": (16,), "code_units": 8}
TINY_CODE |= {"maximum": 1.0}
TINY_MAPS = {"input_shape": (5, 4, 1), "maximum": 1.0, "filters": (16,)}
TINY_WORDS = {"vocabulary_size": 12, "embedding_size": 8}
TINY_CONTEXT = TINY_WORDS | {"length": 5, "depth": 1, "heads": 2}
TINY_AGENT = {"input_shape": (4,), "num_classes": 3, "hidden_units": (16,)}
TINY_PAIRS = {"vocabulary_size": 12, "embedding_size": 16, "dropout": 0.0}
TINY_PAIRS |= {"source_length": 4, "target_length": 4}
TINY_TREE = TINY_WORDS | {"path_length": 5}
TINY_VAE = {"input_shape": (4, 4, 1), "maximum": 1.0, "latents": 4}
TINY_PRETEXT = {"input_shape": (4, 4, 1), "maximum": 1.0}
TINY_GAN = {"input_shape": (4, 4, 1), "maximum": 1.0, "latents": 4}
TINY_GAN |= {"hidden_units": (16,)}
TINY_PLAYERS = {"input_shape": (5, 4, 1), "maximum": 1.0, "latents": 4}
TINY_PLAYERS |= {"filters": (8,), "num_classes": 3}
TINY_SENTENCES = {"vocabulary_size": 12, "num_classes": 3, "units": 8, "dropout": 0.0}
TINY_SENTENCES |= {"embedding_dropout": 0.0}
# Of least depth, and trained until batch normalization knows its averages.
TINY_RESIDUAL = TINY_PICTURE | {"filters": (4, 8, 16), "depth": 8}

ROWS = [
    Row("lenet5", {"input_shape": (8, 8, 1), "num_classes": 3}),
    Row("mlp", {"input_shape": (4,), "num_classes": 3, "hidden_units": (16,)}),
    Row("dropout_mlp", {"input_shape": (4,), "num_classes": 3, "dropout": 0.0}),
    Row("softmax_regression", {"input_shape": (9,), "num_classes": 3}),
    Row("linear_regression", {"input_shape": (9,), "num_classes": 2}),
    Row("maxout_mlp", TINY_PICTURE | {"input_dropout": 0.0, "dropout": 0.0}),
    Row("corner_cnn", {"filters": 32}),
    Row("corner_mlp", {}),
    Row("rnn_classifier", TINY_ROWS),
    Row("lstm_classifier", TINY_ROWS),
    Row("gru_classifier", TINY_ROWS),
    Row("bilstm_classifier", TINY_ROWS),
    Row(
        "text_cnn",
        {"vocabulary_size": 12, "num_classes": 3, "filters": 8, "dropout": 0.0},
    ),
    Row(
        "tagger", {"vocabulary_size": 12, "num_classes": 3, "units": 8, "dropout": 0.0}
    ),
    Row("char_rnn", {"vocabulary_size": 12, "units": (24,), "dropout": 0.0}),
    Row("char_gru", {"vocabulary_size": 12, "units": (24,), "dropout": 0.0}),
    Row("transformer", TINY_CONTEXT),
    Row("transformer_rotary", TINY_CONTEXT),
    Row("translator", TINY_PAIRS | {"embedding_size": 16, "units": 16}),
    Row("transformer_translator", TINY_PAIRS | {"depth": 1, "heads": 2}),
    Row("text_transformer", TINY_SENTENCES | {"embedding_size": 8}),
    *[
        Row(name, TINY_SENTENCES)
        for name in ("text_rnn", "text_lstm", "text_gru", "text_bilstm")
    ],
    Row("tree_lstm", {"vocabulary_size": 12, "num_classes": 3, "units": 24}),
    Row("tree_rnn", {"vocabulary_size": 12, "num_classes": 3, "units": 24}),
    # Some of the noise is the right word.
    Row("word2vec_cbow", TINY_WORDS, fitted=1.3),
    Row("word2vec_skipgram", TINY_WORDS, fitted=1.3),
    Row("word2vec_cbow_hs", TINY_TREE),
    Row("word2vec_skipgram_hs", TINY_TREE),
    Row("autoencoder", TINY_CODE),
    Row("forecaster", {"window": 8, "horizon": 3, "units": 8, "dropout": 0.0}),
    Row("conv_autoencoder", TINY_MAPS),
    Row("vae", TINY_VAE, fitted=5.0),
    # The loss stays near that of chance while both players learn.
    Row("gan", TINY_GAN, fitted=2.5),
    Row("minimax_gan", TINY_GAN, fitted=2.5),
    *[
        Row(name, TINY_PLAYERS, fitted=2.5)
        for name in ("dcgan", "lsgan", "wgan_gp", "conditional_gan")
    ],
    Row("rotation", TINY_PRETEXT),
    Row("simclr", TINY_PRETEXT, fitted=4.0),
    # A larger step saturates its sigmoids, so that it stays worse than the mean.
    Row("masked_autoencoder", TINY_PRETEXT, fitted=0.1, learning_rate=0.001),
    Row("stacked_autoencoder", TINY_PRETEXT, fitted=0.6),
    Row("encoder_cnn", TINY_PICTURE | {"maximum": 1.0, "filters": (8, 8)}),
    Row(
        "deep_mlp",
        TINY_PICTURE | {"maximum": 1.0, "hidden_units": (16, 16), "activation": "elu"},
    ),
    Row("denoising_autoencoder", TINY_CODE | {"noise": 1e-6}),
    Row("sparse_autoencoder", TINY_CODE | {"sparsity_weight": 1e-5}),
    Row(
        "lenet5_augmented",
        {"input_shape": (8, 8, 1), "num_classes": 3, "shift": 1e-6, "rotation": 1e-6}
        | {"zoom": 1e-6},
    ),
    *[
        Row(f"resnet{depth}", TINY_RESIDUAL, fitted=0.002)
        for depth in (8, 20, 32, 44, 56)
    ],
    Row(
        "speech_cnn",
        {
            "input_shape": (1600,),
            "num_classes": 3,
            "sampling_rate": 4000,
            "filters": (8, 8),
        }
        | {"shift": 0.0, "pitch": 0.0, "speed": 0.0, "mask": 0.0, "dropout": 0.0},
    ),
    Row(
        "detector",
        {
            "input_shape": (16, 16, 3),
            "num_classes": 2,
            "filters": (8, 16),
            "anchor_sizes": ((8,), (12,)),
        },
    ),
    Row(
        "captioner",
        {
            "input_shape": (8, 8, 1),
            "vocabulary_size": 5,
            "length": 4,
            "filters": (8, 16),
            "embedding_size": 8,
            "units": 16,
            "dropout": 0.0,
        },
    ),
    *[
        Row(
            name,
            {
                "input_shape": (5, 8, 8, 1),
                "num_classes": 3,
                "filters": (8,),
                "features": 16,
                "dropout": 0.0,
            }
            | more,
        )
        for name, more in (("video_gru", {"units": 16}), ("frame_cnn", {}))
    ],
    # The clipped ratio is at most 1.2.
    Row("ppo", TINY_AGENT, fitted=-1.1),
    Row("reinforce", TINY_AGENT, fitted=-1.1),
    Row("dqn", TINY_AGENT),
    Row("perceptron", {"input_shape": (9,), "num_classes": 3}),
    Row("rbf", {"input_shape": (4,), "num_classes": 3, "centers": 12}),
]


def distinct() -> list[Row]:
    """The rows, but for those that make the same model as one above: tiny depths."""
    found = {}
    for row in ROWS:
        spec = zoo.model_spec(row.name)
        arguments = sorted((spec.parameters | row.arguments).items())
        found.setdefault((spec.builder, repr(arguments)), row)
    return list(found.values())


def kindred(*, by_task: bool = True) -> list[Row]:
    """The distinct rows below one of the same family (and task)."""
    specs = [zoo.model_spec(row.name) for row in distinct()]
    kinds = [
        (spec.family.split("/")[0], spec.task if by_task else "") for spec in specs
    ]
    return [
        row for place, row in enumerate(distinct()) if kinds[place] in kinds[:place]
    ]


def one_of_each_architecture(pattern: str = "", **options) -> list:
    """Names of models as parameters, slow after the first of an architecture."""
    seen, parameters = set(), []
    for name in zoo.list_models(pattern, **options):
        architecture = zoo.model_spec(name).architecture
        marks = [pytest.mark.slow] if architecture in seen else []
        seen.add(architecture)
        parameters.append(pytest.param(name, marks=marks))
    return parameters
