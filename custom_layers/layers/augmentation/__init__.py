"""Image augmentation layers, which act in training only."""

from custom_layers.layers.augmentation.contrast import RandomContrast
from custom_layers.layers.augmentation.flip import RandomFlip
from custom_layers.layers.augmentation.rotation import RandomRotation
from custom_layers.layers.augmentation.spec_augment import SpecAugment
from custom_layers.layers.augmentation.translation import RandomTranslation
from custom_layers.layers.augmentation.zoom import RandomZoom

__all__ = [
    "RandomContrast",
    "RandomFlip",
    "RandomRotation",
    "RandomTranslation",
    "RandomZoom",
    "SpecAugment",
]
