"""Rate and distortion of `zoo compress` beside JPEG, DCT, Haar and PCA.

    python -m benchmarks.compression [--pictures 1000]

Each transform is quantized by one step and coded by the same adaptive model and range
coder, one column for each coefficient; the steps draw the curves. JPEG is coded both as
a file for each picture and as one sheet of all, which spares the headers. A rate counts
what is written, without the model, which the table adds; the distortion is the mean
squared error of pixels between 0 and 1. MNIST comes from TFDS_DATA_DIR, the photographs
are the two of scikit-learn, in grey.
"""

import argparse
import io
import json
import lzma
import os
import platform
import subprocess
import zlib
from pathlib import Path

import numpy as np
from constriction import symbol
from PIL import Image
from sklearn.datasets import load_sample_images
from sklearn.decomposition import PCA

import zoo
from custom_layers import DCT2D, HaarWavelet2D
from zoo.inference.compression import tiles
from zoo.inference.compression.codec import Codec
from zoo.inference.compression.entropy_coding import encode
from zoo.inference.compression.quantizer import dequantize, quantize

RESULTS = Path(__file__).with_suffix(".json")
QUALITIES = (2, 5, 10, 15, 25, 40, 60, 80)
CODE_STEPS = (1, 1.5, 2, 3, 4, 6, 8, 12)
PIXEL_STEPS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2)
HEADER = 100  # bytes of an archive besides codes and names


def sets(count):
    """Pictures `(n, height, width, 1)` of 8 bits, the model, the size of a block."""
    photographs = load_sample_images().images
    grey = [np.asarray(Image.fromarray(x).convert("L")) for x in photographs]
    return {
        "MNIST": (mnist("test", count), "conv_autoencoder.mnist", 28),
        "shapes": (shapes(count), "conv_autoencoder.shapes", 8),
        "photographs": (np.stack(grey)[..., None], "conv_autoencoder.mnist", 8),
    }


def mnist(part, count):
    return np.asarray(getattr(zoo.load_dataset("mnist"), part).x[:count]).astype(
        "uint8"
    )


def shapes(count):
    x = np.asarray(zoo.load_dataset("shapes").test.x[:count], "float32")
    return np.rint(255 * x / x.max()).astype("uint8")


def of_model(pictures, name):
    """A point for each step of the codes of an autoencoder."""
    codec = Codec(name)
    codes = codec.encode(list(pictures))
    for step in CODE_STEPS:
        symbols = quantize(codes, step)
        rows = iter(np.split(dequantize(symbols, step), len(pictures)))
        shapes = [x.shape for x in pictures]
        decoded = [
            pixels
            for shape in shapes
            for pixels in codec.decode(lambda n, r=rows: next(r), [shape])
        ]
        yield point(step, symbols, pictures, np.stack(decoded) / 255)


def of_components(pictures, trained, count=32):
    """Principal components of the training pictures, as many as the code has units."""
    components = PCA(count, random_state=0).fit(flat(trained))
    codes = components.transform(flat(pictures))
    for step in PIXEL_STEPS:
        symbols = quantize(codes, step)
        decoded = components.inverse_transform(dequantize(symbols, step))
        yield point(step, symbols, pictures, decoded.reshape(pictures.shape))


def flat(pictures):
    return pictures.reshape(len(pictures), -1) / np.float32(255)


def of_transform(pictures, size, forward, inverse):
    """Blocks of a transform of Keras tensors, a column for each coefficient."""
    block = (size, size, 1)
    parts = [tiles.split(x, block) / np.float32(255) for x in pictures]
    found = np.asarray(forward(np.concatenate(parts)))
    for step in PIXEL_STEPS:
        symbols = quantize(found, step)
        x = np.asarray(inverse(dequantize(symbols, step)))
        blocks = np.split(x, len(pictures))
        decoded = [
            tiles.join(b, p.shape) for b, p in zip(blocks, pictures, strict=True)
        ]
        yield point(
            step, symbols.reshape(len(symbols), -1), pictures, np.stack(decoded)
        )


def dct(pictures, size):
    return of_transform(pictures, size, DCT2D(), DCT2D(inverse=True))


def haar(pictures, size):
    """As many levels as the size can be halved."""
    levels = (size & -size).bit_length() - 1
    split, join = HaarWavelet2D(), HaarWavelet2D(inverse=True)

    def forward(x):
        x = np.array(x, "float32")
        for level in range(levels):
            part = x[:, : size >> level, : size >> level]
            bands = np.asarray(split(part))
            left = np.concatenate([bands[..., :1], bands[..., 1:2]], axis=1)
            right = np.concatenate([bands[..., 2:3], bands[..., 3:]], axis=1)
            part[:] = np.concatenate([left, right], axis=2)
        return x

    def inverse(x):
        x = np.array(x, "float32")
        for level in reversed(range(levels)):
            half = size >> (level + 1)
            part = x[:, : 2 * half, : 2 * half]
            bands = [
                part[:, :half, :half],
                part[:, half:, :half],
                part[:, :half, half:],
                part[:, half:, half:],
            ]
            part[:] = np.asarray(join(np.concatenate(bands, axis=-1)))
        return x

    return of_transform(pictures, size, forward, inverse)


def point(step, symbols, pictures, decoded):
    size = HEADER + len(encode(symbols))
    return {
        "step": step,
        "bits": 8 * size / pictures.size,
        "mse": mse(pictures, np.clip(decoded, 0, 1)),
    }


def mse(pictures, decoded):
    return float(np.mean(np.square(pictures / 255 - decoded)))


def jpeg_files(pictures):
    for quality in QUALITIES:
        files = [jpeg(x[..., 0], quality) for x in pictures]
        decoded = np.stack([np.asarray(Image.open(io.BytesIO(f))) for f in files])
        yield jpeg_point(quality, sum(map(len, files)), pictures, decoded[..., None])


def jpeg_sheet(pictures):
    """All pictures side by side in one file, each continued to whole blocks of 8."""
    height, width = (-(-n // 8) * 8 for n in pictures.shape[1:3])
    padding = [(0, 0), (0, height - pictures.shape[1]), (0, width - pictures.shape[2])]
    padded = np.pad(pictures[..., 0], padding, mode="edge")
    columns = max(n for n in range(1, 41) if len(pictures) % n == 0)
    grid = padded.reshape(-1, columns, height, width).transpose(0, 2, 1, 3)
    sheet = grid.reshape(-1, columns * width)
    for quality in QUALITIES:
        file = jpeg(sheet, quality)
        decoded = np.asarray(Image.open(io.BytesIO(file))).reshape(grid.shape)
        decoded = decoded.transpose(0, 2, 1, 3).reshape(padded.shape)
        decoded = decoded[:, : pictures.shape[1], : pictures.shape[2], None]
        yield jpeg_point(quality, len(file), pictures, decoded)


def jpeg(pixels, quality):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def jpeg_point(quality, size, pictures, decoded):
    bits = 8 * size / pictures.size
    return {"quality": quality, "bits": bits, "mse": mse(pictures, decoded / 255)}


def lossless(pictures):
    """Bits a pixel of all pictures below each other, without any loss."""
    sheet = pictures.reshape(-1, pictures.shape[2])
    raw, picture = sheet.tobytes(), Image.fromarray(sheet)
    sizes = {
        "Huffman": huffman(raw),
        "adaptive range coder": len(encode(np.frombuffer(raw, "uint8").reshape(-1, 1))),
        "run lengths (TIFF PackBits)": saved(picture, "TIFF", compression="packbits"),
        "LZW (TIFF)": saved(picture, "TIFF", compression="tiff_lzw"),
        "LZW (GIF)": saved(picture, "GIF"),
        "deflate (zlib)": len(zlib.compress(raw, 9)),
        "deflate and prediction (PNG)": saved(picture, "PNG", optimize=True),
        "LZMA": len(lzma.compress(raw, preset=9)),
    }
    return {name: 8 * size / pictures.size for name, size in sizes.items()}


def huffman(raw):
    """Bytes of the code words, and one of each length."""
    counts = np.bincount(np.frombuffer(raw, "uint8"), minlength=256)
    tree = symbol.huffman.EncoderHuffmanTree(counts.astype("float32"))
    coder = symbol.QueueEncoder()
    for value in raw:
        coder.encode_symbol(value, tree)
    _, bits = coder.get_compressed()
    return bits // 8 + 1 + 256


def saved(picture, form, **options):
    file = io.BytesIO()
    picture.save(file, form, **options)
    return len(file.getvalue())


def measure(pictures, name, size):
    curves = {
        "autoencoder": list(of_model(pictures, name)),
        "DCT": list(dct(pictures, size)),
        "Haar": list(haar(pictures, size)),
        "JPEG, one sheet": list(jpeg_sheet(pictures)),
        "JPEG, a file each": list(jpeg_files(pictures)),
    }
    if name == "conv_autoencoder.mnist" and size == 28:
        trained = mnist("train", 10_000)
        curves["principal components"] = list(of_components(pictures, trained))
    model = 4 * Codec(name).parameters
    return {
        "pictures": len(pictures),
        "pixels": int(pictures.size),
        "model": name,
        "model_bytes": model,
        "curves": curves,
        "lossless": lossless(pictures),
    }


def rate_at(curve, wanted):
    """Bits a pixel at a distortion, between the two nearest points; None outside."""
    points = sorted((each["mse"], each["bits"]) for each in curve)
    errors, bits = zip(*points, strict=True)
    if not errors[0] <= wanted <= errors[-1]:
        return None
    return float(np.interp(wanted, errors, bits))


def page(results):
    lines = [
        "# Compression by an autoencoder",
        "",
        f"`{results['command']}`: {results['machine']}, at {results['commit']}. Bits a "
        "pixel at a mean squared error (pixels between 0 and 1), without the model; "
        "see [docs/compression.md](../docs/compression.md).",
        "",
    ]
    for name, found in results["sets"].items():
        curves = found["curves"]
        ours = sorted(each["mse"] for each in curves["autoencoder"])
        marks = [ours[i] * 1.001 for i in (1, len(ours) // 2, -2)]
        if name == "photographs":
            marks = [0.001, 0.005, 0.01]
        lines += [
            f"## {name}: {found['pictures']:,} pictures, `{found['model']}`",
            "",
            f"| bits a pixel at MSE | {' | '.join(f'{mark:.4f}' for mark in marks)} "
            "| lowest MSE |",
            f"|---|{'---|' * len(marks)}---|",
        ]
        for method, curve in curves.items():
            cells = [rate_at(curve, mark) for mark in marks]
            shown = ["-" if cell is None else f"{cell:.3f}" for cell in cells]
            lowest = min(each["mse"] for each in curve)
            lines.append(f"| {method} | {' | '.join(shown)} | {lowest:.4f} |")
        lines += ["", *_reach(found), "", *_lossless(found), ""]
    lines += ["![rate and distortion](compression.png)", ""]
    return "\n".join(lines)


def _reach(found):
    """What the autoencoder reaches at best, and when its weights are paid for."""
    ours = found["curves"]["autoencoder"]
    best = min(ours, key=lambda each: each["mse"])
    pixels = found["pixels"] / found["pictures"]
    middle = sorted(ours, key=lambda each: each["mse"])[len(ours) // 2]
    lines = [
        f"The lowest error of the autoencoder is {best['mse']:.4f}, at "
        f"{best['bits']:.3f} bits a pixel. Its weights are {found['model_bytes']:,} "
        f"bytes, {8 * found['model_bytes'] / found['pixels']:.2f} bits for each pixel "
        "here."
    ]
    for name in ("DCT", "JPEG, one sheet"):
        theirs = rate_at(found["curves"][name], middle["mse"])
        if theirs is not None and theirs > middle["bits"]:
            saved_bytes = (theirs - middle["bits"]) * pixels / 8
            lines.append(
                f"At an error of {middle['mse']:.4f} it saves {saved_bytes:.1f} bytes "
                f"a picture beside {name}: its weights are paid for after "
                f"{found['model_bytes'] / saved_bytes:,.0f} pictures."
            )
    return lines


def _lossless(found):
    rows = sorted(found["lossless"].items(), key=lambda item: item[1])
    return [
        "| lossless | bits a pixel |",
        "|---|---|",
        *[f"| {name} | {bits:.2f} |" for name, bits in rows],
    ]


def picture(results, path):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(results["sets"]), figsize=(15, 4.5))
    for axis, (name, found) in zip(axes, results["sets"].items(), strict=True):
        for method, curve in found["curves"].items():
            bits, errors = ([each[key] for each in curve] for key in ("bits", "mse"))
            axis.plot(bits, errors, ".-", label=method)
        axis.set(title=name, xlabel="bits a pixel", ylabel="mean squared error")
        axis.set(xscale="log", yscale="log")
        axis.grid(alpha=0.3)
    axes[0].legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--pictures", type=int, default=1000, help="of each set")
    given = parser.parse_args()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
    )
    results = {
        "command": "python -m benchmarks.compression",
        "machine": f"{platform.machine()}, {os.cpu_count()} CPU cores",
        "commit": commit.stdout.strip(),
        "sets": {k: measure(*held) for k, held in sets(given.pictures).items()},
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    RESULTS.with_suffix(".md").write_text(page(results))
    picture(results, RESULTS.with_suffix(".png"))


if __name__ == "__main__":
    main()
