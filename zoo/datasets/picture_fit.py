"""How a picture of another size becomes one of the size that is needed."""

from typing import Literal

from PIL import Image, ImageOps

from zoo.reading import Fit

Size = tuple[int, int]  # width, height
Mode = Literal["L", "RGB"]

DONE: dict[Fit, str] = {
    "resize": "resized",
    "crop": "scaled and cropped",
    "pad": "scaled and padded with black",
}


def fitted(picture: Image.Image, size: Size, fit: Fit = "resize") -> Image.Image:
    """Returns a picture of a size, by bilinear interpolation.

    Args:
        picture: Of any size.
        size: Width and height.
        fit: `resize` stretches it; `crop` keeps its proportions and cuts what is too
            long, half at each end; `pad` keeps them and adds black, half at each end.

    >>> wide = Image.new("L", (8, 2), 200)
    >>> [fitted(wide, (4, 4), fit).getpixel((0, 0)) for fit in DONE]
    [200, 200, 0]
    """
    if picture.size == size:
        return picture
    bilinear = Image.Resampling.BILINEAR
    if fit == "crop":
        return ImageOps.fit(picture, size, method=bilinear)
    if fit == "pad":
        return _padded(picture, size)
    return picture.resize(size, bilinear)


def _padded(picture: Image.Image, size: Size) -> Image.Image:
    scale = min(size[0] / picture.width, size[1] / picture.height)
    # Not `ImageOps.pad`: a picture that is much thinner has no pixels left there.
    inner = tuple(max(1, round(scale * side)) for side in picture.size)
    whole = Image.new(picture.mode, size)
    corner = tuple((a - b) // 2 for a, b in zip(size, inner, strict=True))
    whole.paste(picture.resize(inner, Image.Resampling.BILINEAR), corner)
    return whole
