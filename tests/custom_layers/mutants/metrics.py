"""Broken metrics and learning rate schedules."""

from keras import ops

import custom_layers as cl

from ..checks import metrics, schedules
from .listing import is_concrete, mutant, row_of

TOKENS = row_of(cl.metrics.TokenAccuracy, ignore_class=2)
QUANTITIES = row_of(cl.metrics.R2, scale=[1.1, 29.0])
DECAY = row_of(cl.optimizers.schedules.StepDecay)
WARMUP = row_of(cl.optimizers.schedules.Warmup, steps=12)


@mutant(metrics.check_metric_oracle, TOKENS)
@mutant(metrics.check_metric_in_evaluate, TOKENS)
class CountsThePadding(cl.metrics.TokenAccuracy):
    def __init__(self, ignore_class=-1, name="accuracy", dtype=None):
        super().__init__(-2, name, dtype)


@mutant(metrics.check_metric_oracle, TOKENS)
class IgnoresTheWeights(cl.metrics.TokenAccuracy):
    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(y_true, y_pred)


@mutant(metrics.check_metric_oracle, QUANTITIES)
class TakesTheGivenMeanForThatOfTheSamples(cl.metrics.R2):
    def result(self):
        return ops.mean(1 - self.residual / self.squares)


@mutant(metrics.check_metric_oracle, QUANTITIES)
@mutant(metrics.check_metric_in_evaluate, QUANTITIES)
class TakesTheMeanOfBatches(cl.metrics.R2):
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.reset_state()
        super().update_state(y_true, y_pred, sample_weight)


@mutant(schedules.check_schedule_oracle, DECAY)
class DecaysOneStepLate(cl.optimizers.schedules.StepDecay):
    def __call__(self, step):
        return super().__call__(step - 1)


@mutant(schedules.check_schedule_config, WARMUP)
class LosesItsSchedule(cl.optimizers.schedules.Warmup):
    def get_config(self):
        return super().get_config() | {"rate": 0.4}


@mutant(schedules.check_schedule_forms, WARMUP)
class WarmsUpFasterWhenCompiled(cl.optimizers.schedules.Warmup):
    def __call__(self, step):
        if not is_concrete(ops.convert_to_tensor(step)):
            step = step + 1
        return super().__call__(step)
