"""Broken losses of self-supervised and adversarial learning."""

from keras import ops

import custom_layers as cl

from ..checks import losses
from .listing import mutant, row_of

VIEWS = row_of(cl.losses.ContrastiveLoss)
OUTPUTS = row_of(cl.losses.OutputLoss)
GAME = row_of(cl.losses.AdversarialLoss)


@mutant(losses.check_oracle, VIEWS, field="function")
def compares_views_with_themselves(y_true, y_pred, temperature=0.5):
    first, second = ops.split(ops.convert_to_tensor(y_pred), 2, axis=-1)
    same = ops.concatenate([first, first], axis=-1)
    return cl.losses.contrastive_loss(y_true, same, temperature) + 0 * second[:, 0]


@mutant(losses.check_oracle, OUTPUTS, field="function")
def averages(y_true, y_pred):
    return ops.mean(y_pred, axis=-1)


@mutant(losses.check_oracle, GAME, field="function")
def plays_another_game(y_true, y_pred, game="minimax", penalty_weight=10.0):
    return cl.losses.adversarial_loss(y_true, y_pred, "minimax", penalty_weight)
