"""How a picture of another size becomes one of the size that is needed."""

from typing import Literal

from PIL import Image

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
    bilinear = Image.Resampling.BILINEAR
    if picture.size == size or fit == "resize":
        return picture if picture.size == size else picture.resize(size, bilinear)
    if fit == "crop":
        inner = cropped_size(picture.size, size)
        left, top = _corner(picture.size, inner)
        part = picture.crop((left, top, left + inner[0], top + inner[1]))
        return part.resize(size, bilinear)
    inner = padded_size(picture.size, size)
    whole = Image.new(picture.mode, size)
    whole.paste(picture.resize(inner, bilinear), _corner(size, inner))
    return whole


def cropped_size(given: Size, wanted: Size) -> Size:
    """Returns the size of the part that has the wanted proportions, within a pixel.

    >>> cropped_size((12, 4), (6, 6)), cropped_size((4, 9), (2, 3))
    ((4, 4), (4, 6))
    """
    (width, height), (w, h) = given, wanted
    return _least(width, round(height * w / h)), _least(height, round(width * h / w))


def padded_size(given: Size, wanted: Size) -> Size:
    """Returns the size that a picture is scaled to within the wanted one.

    >>> padded_size((12, 4), (6, 6)), padded_size((60, 5), (6, 5))
    ((6, 2), (6, 1))
    """
    (width, height), (w, h) = given, wanted
    return _least(w, round(width * h / height)), _least(h, round(height * w / width))


def _least(most: int, proportional: int) -> int:
    return min(most, max(1, proportional))


def _corner(outer: Size, inner: Size) -> Size:
    return (outer[0] - inner[0]) // 2, (outer[1] - inner[1]) // 2
