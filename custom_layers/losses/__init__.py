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
from custom_layers.losses.detection import SingleShotLoss, single_shot_loss
from custom_layers.losses.divergence import KLDivergence, kl_divergence
from custom_layers.losses.focal import (
    BinaryFocalCrossentropy,
    binary_focal_crossentropy,
)
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
from custom_layers.losses.policy_gradient import (
    ClippedSurrogateLoss,
    PolicyGradientLoss,
    clipped_surrogate_loss,
    policy_gradient_loss,
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
from custom_layers.losses.temporal_difference import (
    TemporalDifferenceLoss,
    temporal_difference_loss,
)
from custom_layers.losses.variational import (
    EvidenceLowerBound,
    evidence_lower_bound_loss,
    gaussian_kl,
    negative_evidence_lower_bound,
)

__all__ = [
    "AdversarialLoss",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ClippedSurrogateLoss",
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
    "PolicyGradientLoss",
    "SingleShotLoss",
    "SparseCategoricalCrossentropy",
    "SparsePerceptronCriterion",
    "SparsityPenalty",
    "SquaredHinge",
    "TemporalDifferenceLoss",
    "TokenCrossentropy",
    "adversarial_loss",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_hinge",
    "clipped_surrogate_loss",
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
    "policy_gradient_loss",
    "serialize",
    "single_shot_loss",
    "sparse_categorical_crossentropy",
    "sparse_perceptron_criterion",
    "sparsity_penalty",
    "squared_hinge",
    "temporal_difference_loss",
    "token_crossentropy",
    "wasserstein_critic_loss",
    "wasserstein_generator_loss",
]
