"""Base class of the image augmentation layers."""

from collections.abc import Callable
from typing import Any

import keras
from keras.src.layers.preprocessing.data_layer import DataLayer  # has no public name
from keras.src.utils.backend_utils import in_tf_graph  # has no public name

from custom_layers._types import Shape, Tensor
from custom_layers.layers._windows import image_data_format

# What the entries of the data are called where they belong to a single image.
_SINGLE = {
    "images": "image",
    "labels": "label",
    "bounding_boxes": "bounding_box",
    "segmentation_masks": "segmentation_mask",
}


class RandomImageLayer(DataLayer):
    """Base class of layers that apply a random transformation to each image.

    The data are images, or a dictionary of `images` with their annotations:
    `labels`, `bounding_boxes` (a dictionary of `boxes` and `labels`) and
    `segmentation_masks`, which undergo the transformation of their image.

    Subclasses draw parameters in `get_random_transformation`, and apply them in
    `transform_images` and `move_boxes`. The entries of a single image go through
    `transform_single_image` and its siblings, by default as a batch of one.
    """

    def __init__(
        self,
        *,
        seed: int | None,
        bounding_box_format: str | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)
        self.bounding_box_format = bounding_box_format
        self.data_format = image_data_format(data_format)

    def call(self, data: Any, training: bool = True) -> Any:
        """Transforms images, or a dictionary of images and annotations."""
        transformation = self.get_random_transformation(data, training=training)
        entries = data if isinstance(data, dict) else {"images": data}
        batched = self._is_batched(entries["images"])
        outputs = {
            key: self._transform(key, value, transformation, training, batched)
            for key, value in entries.items()
        }
        return outputs if isinstance(data, dict) else outputs["images"]

    def _transform(
        self, key: str, value: Any, transformation: Any, training: bool, batched: bool
    ) -> Any:
        """Transforms one entry; those of other names stay as they are."""
        if key not in _SINGLE:
            return value
        if key == "bounding_boxes":
            value = self._as_boxes(value)
        else:
            value = self.backend.convert_to_tensor(value)
        kind = key if batched else f"single_{_SINGLE[key]}"
        transform = getattr(self, f"transform_{kind}")
        return transform(value, transformation=transformation, training=training)

    def _is_batched(self, images: Tensor) -> bool:
        if len(images.shape) in (3, 4):
            return len(images.shape) == 4
        raise ValueError(
            "Images must have rank 3 (a single image) or 4 (a batch of images). "
            f"Received: images of shape {tuple(images.shape)}"
        )

    def _as_boxes(self, boxes: Any) -> dict:
        if not self.bounding_box_format:
            raise ValueError(
                "To transform the entry `bounding_boxes`, the layer needs their "
                "format; pass for example "
                f"{type(self).__name__}(..., bounding_box_format='xyxy'). "
                f"Received: bounding_box_format={self.bounding_box_format}"
            )
        if not isinstance(boxes, dict) or not {"boxes", "labels"} <= set(boxes):
            raise ValueError(
                "The entry `bounding_boxes` must be a dictionary with the keys "
                f"'boxes' and 'labels'. Received: bounding_boxes={boxes}"
            )
        positions, labels = boxes["boxes"], boxes["labels"]
        if hasattr(positions, "to_tensor"):  # a ragged tensor of TensorFlow
            positions = positions.to_tensor(default_value=0)
            labels = labels.to_tensor(default_value=-1)
        convert = self.backend.convert_to_tensor
        return {"boxes": convert(positions, "float32"), "labels": convert(labels)}

    def get_random_transformation(
        self, data: Any, training: bool = True, seed: Any = None
    ) -> Any:
        """Draws the parameters of the transformation of each image."""
        raise NotImplementedError

    def drawn_shape(self, data: Any) -> tuple:
        """Returns the shape of the images, the batch first."""
        images = data["images"] if isinstance(data, dict) else data
        self._is_batched(images)
        return tuple(self.backend.core.shape(images))

    def uniform(
        self, shape: tuple, limits: tuple[float, float], seed: Any, dtype: Any = None
    ) -> Tensor:
        """Draws from the layer's own generator, unless another seed is given."""
        if seed is None:
            seed = self._get_seed_generator(self.backend.name)
        return self.backend.random.uniform(
            shape=shape, minval=limits[0], maxval=limits[1], dtype=dtype, seed=seed
        )

    def image_size(self, shape: tuple) -> tuple:
        """Returns height and width, each an integer or a scalar tensor."""
        if self.data_format == "channels_first":
            return shape[-2], shape[-1]
        return shape[-3], shape[-2]

    def transform_images(
        self, images: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Transforms a batch of images."""
        raise NotImplementedError

    def transform_labels(
        self, labels: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Returns the labels unchanged."""
        return labels

    def transform_segmentation_masks(
        self, segmentation_masks: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Transforms segmentation masks with their images."""
        raise NotImplementedError

    def transform_single_image(
        self, image: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Transforms a single image."""
        return self._single(self.transform_images, image, transformation, training)

    def transform_single_label(
        self, label: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Transforms the label of a single image."""
        return self._single(self.transform_labels, label, transformation, training)

    def transform_single_bounding_box(
        self, bounding_box: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Transforms the bounding boxes of a single image."""
        transform = self.transform_bounding_boxes
        return self._single(transform, bounding_box, transformation, training)

    def transform_single_segmentation_mask(
        self, segmentation_mask: Tensor, transformation: Any, training: bool = True
    ) -> Tensor:
        """Transforms the segmentation mask of a single image."""
        transform = self.transform_segmentation_masks
        return self._single(transform, segmentation_mask, transformation, training)

    def _single(
        self, transform: Callable, value: Any, transformation: Any, training: bool
    ) -> Any:
        """Transforms an entry of a single image as a batch of one."""
        numpy = self.backend.numpy
        batch = keras.tree.map_structure(lambda x: numpy.expand_dims(x, 0), value)
        batch = transform(batch, transformation=transformation, training=training)
        return keras.tree.map_structure(lambda x: numpy.squeeze(x, 0), batch)

    def transform_bounding_boxes(
        self, bounding_boxes: dict, transformation: Any, training: bool = True
    ) -> dict:
        """Transforms bounding boxes with their images, and clips them to these."""
        if not training:
            return bounding_boxes
        if in_tf_graph():
            self.backend.set_backend("tensorflow")
        try:
            return self._moved_and_clipped(bounding_boxes, transformation)
        finally:
            self.backend.reset()

    def _moved_and_clipped(self, bounding_boxes: dict, transformation: Any) -> dict:
        boxes_of = keras.utils.bounding_boxes
        height, width = self.image_size(transformation["input_shape"])
        size = {"height": height, "width": width}
        boxes = boxes_of.convert_format(
            bounding_boxes["boxes"], self.bounding_box_format, "xyxy", **size
        )
        given = bounding_boxes | {"boxes": boxes}
        moved = self.move_boxes(given, transformation, height, width)
        clipped = boxes_of.clip_to_image_size(moved, bounding_box_format="xyxy", **size)
        return boxes_of.convert_format(
            clipped, "xyxy", self.bounding_box_format, **size
        )

    def move_boxes(
        self, bounding_boxes: dict, transformation: Any, height: Any, width: Any
    ) -> dict:
        """Transforms boxes `(left, top, right, bottom)` in pixels."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the inputs."""
        return input_shape

    def get_config(self) -> dict:
        """Returns the shared arguments of the constructor."""
        config = {"seed": self.seed, "data_format": self.data_format}
        if self.bounding_box_format is not None:
            config["bounding_box_format"] = self.bounding_box_format
        return super().get_config() | config
