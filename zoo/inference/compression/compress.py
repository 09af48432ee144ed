"""Pictures to an archive, and back."""

import dataclasses
import itertools
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from zoo.datasets.picture_file import find_pictures, read_picture
from zoo.errors import ArgumentError, DatasetError, WeightsError
from zoo.files import replacing
from zoo.inference.compression import archive
from zoo.inference.compression.codec import Codec
from zoo.inference.compression.entropy_coding import Decoder, encode
from zoo.inference.compression.quantizer import dequantize, quantize, step_of
from zoo.runs.run import Run
from zoo.weights import index

DEFAULT = "conv_autoencoder.mnist"


@dataclasses.dataclass(frozen=True)
class Compressed:
    """What a compression came to.

    Args:
        output: The archive.
        model: Name of the autoencoder.
        step: Of the quantizer.
        pictures: Their number.
        pixels: Values of them all.
        input_bytes: Size of their files.
        output_bytes: Size of the archive.
        model_bytes: Size of the weights, which the archive does not hold.
        mse: Mean squared error of pixels between 0 and 1.
    """

    output: str
    model: str
    step: float
    pictures: int
    pixels: int
    input_bytes: int
    output_bytes: int
    model_bytes: int
    mse: float

    @property
    def bits_per_pixel(self) -> float:
        """Bits of the archive for each value of a pixel."""
        return 8 * self.output_bytes / self.pixels

    @property
    def psnr(self) -> float:
        """Peak signal-to-noise ratio in decibels; infinite without an error."""
        return -10 * math.log10(self.mse) if self.mse else math.inf


def compress(
    inputs: Sequence[str | os.PathLike],
    output: str | os.PathLike,
    *,
    model: keras.Model | Run | str | os.PathLike = DEFAULT,
    bits: int | None = None,
    step: float | None = None,
) -> Compressed:
    """Compresses pictures of any size into one archive.

    A picture is cut into tiles of the size that the model takes. The codes of the tiles
    are quantized (see `quantizer.step_of`) and entropy-coded. What is lost, is lost in
    the model and in the quantizer.

    Args:
        inputs: Picture files and folders of them.
        output: The archive, written whole or not at all.
        model: An autoencoder of pictures.
        bits: The step divides the range of all codes by 2 to this; 5 if neither is
            given.
        step: Of the quantizer.

    Raises:
        ArgumentError: If an option is out of its range, the model is no autoencoder of
            pictures, or `constriction` is missing.
        DatasetError: If a picture is missing or unreadable, or two have one name.
    """
    target = Path(output)
    paths = _named(inputs)
    codec = Codec(model)
    pictures = [_pixels(path) for path in paths.values()]
    codes = codec.encode(pictures)
    step = step_of(codes, bits, step)
    symbols = quantize(codes, step)
    entries = tuple(
        archive.Entry(name, *pixels.shape)
        for name, pixels in zip(paths, pictures, strict=True)
    )
    found = archive.Archive(codec.name, codec.weights, step, entries, encode(symbols))
    content = found.to_bytes()
    with replacing(target) as part:
        part.write_bytes(content)
    rows = iter(dequantize(symbols, step))
    decoded = codec.decode(
        lambda n: np.stack([*itertools.islice(rows, n)]), [e.shape for e in entries]
    )
    pixels = sum(x.size for x in pictures)
    return Compressed(
        output=str(target),
        model=codec.name,
        step=step,
        pictures=len(pictures),
        pixels=pixels,
        input_bytes=sum(path.stat().st_size for path in paths.values()),
        output_bytes=len(content),
        model_bytes=4 * codec.parameters,
        mse=sum(map(_squared_error, decoded, pictures)) / pixels,
    )


def decompress(
    path: str | os.PathLike,
    output: str | os.PathLike | None = None,
    *,
    model: keras.Model | Run | str | os.PathLike | None = None,
) -> list[Path]:
    """Writes the pictures of an archive as PNG files.

    Args:
        path: What `compress` wrote.
        output: A folder that is new or empty; by default the path of the archive
            without its suffix. It is written whole or not at all.
        model: The autoencoder that compressed them, by default the shipped one of its
            name.

    Raises:
        ArgumentError: If the folder is not empty, or `constriction` is missing.
        DatasetError: If the archive is damaged, truncated, or none.
        WeightsError: If the model is another than the one that compressed them.
    """
    source = Path(path)
    folder = Path(source.with_suffix("") if output is None else output)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArgumentError(f"{folder} exists and is no empty folder; give --output.")
    found = archive.read(source)
    codec = _codec(source, found, model)
    try:
        decoder = Decoder(found.codes, codec.dimensions)
        with replacing(folder) as part:
            decoded = codec.decode(
                lambda n: dequantize(decoder.read(n), found.step),
                [entry.shape for entry in found.entries],
            )
            for entry, pixels in zip(found.entries, decoded, strict=True):
                _write(part / entry.name, pixels)
            decoder.end()
    except DatasetError as error:
        raise DatasetError(f"{source} cannot be decompressed: {error}.") from error
    return [folder / entry.name for entry in found.entries]


def _codec(
    source: Path,
    found: archive.Archive,
    model: keras.Model | Run | str | os.PathLike | None,
) -> Codec:
    if model is None and found.model not in index():
        raise WeightsError(
            f"{source} was compressed by {found.model!r}, whose weights do not ship; "
            "give --model, a run folder or a file."
        )
    codec = Codec(found.model if model is None else model)
    if codec.weights != found.weights:
        raise WeightsError(
            f"{source} was compressed by other weights of {found.model!r} (sha256 "
            f"{found.weights[:12]}..., {codec.name} has {codec.weights[:12]}...); give "
            "theirs as --model."
        )
    return codec


def _named(inputs: Iterable[str | os.PathLike]) -> dict[str, Path]:
    """Returns the pictures by the names of what will be decompressed."""
    named: dict[str, Path] = {}
    for given in map(Path, inputs):
        if given.is_dir():
            found = find_pictures(given)[0]
            if not found:
                raise DatasetError(f"{given} holds no pictures.")
            pairs = [(path.relative_to(given), path) for path in found]
        elif given.is_file():
            pairs = [(Path(given.name), given)]
        else:
            raise DatasetError(f"There is no file {given}.")
        for relative, path in pairs:
            name = relative.with_suffix(".png").as_posix()
            if name in named:
                raise DatasetError(
                    f"{named[name]} and {path} would both be decompressed as {name}; "
                    "rename one, or compress them apart."
                )
            named[name] = path
    return named


def _pixels(path: Path) -> np.ndarray:
    pixels = np.asarray(read_picture(path))
    return pixels.reshape(*pixels.shape[:2], -1)


def _squared_error(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.sum(np.square((ours.astype("float64") - theirs) / 255)))


def _write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels).save(path)
