"""Losses: per-sample functions and classes that reduce them to one number."""

from custom_layers.losses.adversarial import (
    AdversarialLoss,
    adversarial_loss,
    gradient_penalty,
    least_squares_discriminator_loss,
    least_squares_generator_loss,
    minimax_discriminator_loss,
    minimax_generator_loss,
    non_saturating_generator_loss,
    wasserstein_critic_loss,
    wasserstein_generator_loss,
)
from custom_layers.losses.classification import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
)
from custom_layers.losses.contrastive import (
    ContrastiveLoss,
    OutputLoss,
    contrastive_loss,
    output_loss,
)
from custom_layers.losses.divergence import KLDivergence, kl_divergence
from custom_layers.losses.hierarchical import (
    HierarchicalSoftmaxLoss,
    hierarchical_softmax_loss,
)
from custom_layers.losses.lookup import deserialize, get, serialize
from custom_layers.losses.margin import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from custom_layers.losses.masked import (
    MaskedBinaryCrossentropy,
    TokenCrossentropy,
    masked_binary_crossentropy,
    token_crossentropy,
)
from custom_layers.losses.perceptron import (
    PerceptronCriterion,
    SparsePerceptronCriterion,
    perceptron_criterion,
    sparse_perceptron_criterion,
)
from custom_layers.losses.regression import (
    MeanAbsoluteError,
    MeanSquaredError,
    mean_absolute_error,
    mean_squared_error,
)
from custom_layers.losses.robust import Huber, huber
from custom_layers.losses.sampled import NegativeSamplingLoss, negative_sampling_loss
from custom_layers.losses.sparse_classification import (
    SparseCategoricalCrossentropy,
    sparse_categorical_crossentropy,
)
from custom_layers.losses.sparsity import SparsityPenalty, sparsity_penalty
from custom_layers.losses.variational import (
    EvidenceLowerBound,
    evidence_lower_bound_loss,
    gaussian_kl,
    negative_evidence_lower_bound,
)

__all__ = [
    "AdversarialLoss",
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ContrastiveLoss",
    "EvidenceLowerBound",
    "HierarchicalSoftmaxLoss",
    "Hinge",
    "Huber",
    "KLDivergence",
    "MaskedBinaryCrossentropy",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "NegativeSamplingLoss",
    "OutputLoss",
    "PerceptronCriterion",
    "SparseCategoricalCrossentropy",
    "SparsePerceptronCriterion",
    "SparsityPenalty",
    "SquaredHinge",
    "TokenCrossentropy",
    "adversarial_loss",
    "binary_crossentropy",
    "categorical_crossentropy",
    "categorical_hinge",
    "contrastive_loss",
    "deserialize",
    "evidence_lower_bound_loss",
    "gaussian_kl",
    "get",
    "gradient_penalty",
    "hierarchical_softmax_loss",
    "hinge",
    "huber",
    "kl_divergence",
    "least_squares_discriminator_loss",
    "least_squares_generator_loss",
    "masked_binary_crossentropy",
    "mean_absolute_error",
    "mean_squared_error",
    "minimax_discriminator_loss",
    "minimax_generator_loss",
    "negative_evidence_lower_bound",
    "negative_sampling_loss",
    "non_saturating_generator_loss",
    "output_loss",
    "perceptron_criterion",
    "serialize",
    "sparse_categorical_crossentropy",
    "sparse_perceptron_criterion",
    "sparsity_penalty",
    "squared_hinge",
    "token_crossentropy",
    "wasserstein_critic_loss",
    "wasserstein_generator_loss",
]
