"""Broken layers: augmentation."""

import custom_layers as cl

from ..checks import layers
from .listing import mutant, row_of


@mutant(layers.check_oracle, row_of(cl.RandomFlip))
class FlipsAtInference(cl.RandomFlip):
    def call(self, data, training=True):
        return self.transform_images(data, {"flips": [[[[True]]]]}, True)


@mutant(layers.check_oracle, row_of(cl.RandomContrast))
class ClipsAtInference(cl.RandomContrast):
    def call(self, data, training=True):
        return super().call(data, training=True)


@mutant(layers.check_config, row_of(cl.RandomZoom), "missing config keys")
class ForgetsTheWidth(cl.RandomZoom):
    def get_config(self):
        config = super().get_config()
        del config["width_factor"]
        return config


@mutant(layers.check_arguments, row_of(cl.RandomRotation), "signature of call")
class QuietByDefault(cl.RandomRotation):
    def call(self, data, training=False):
        return super().call(data, training)


@mutant(layers.check_oracle, row_of(cl.SpecAugment))
class MasksAtInference(cl.SpecAugment):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)
