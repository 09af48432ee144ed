"""Pictures to archives and back: exact codes, the file format, and what is refused."""

import builtins
import json
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.errors import ArgumentError, DatasetError, WeightsError, ZooError
from zoo.inference.compression import archive, compress, tiles
from zoo.inference.compression.codec import Codec
from zoo.inference.compression.entropy_coding import Decoder, encode
from zoo.inference.compression.quantizer import dequantize, quantize, step_of

MODEL = "conv_autoencoder.digits"  # tiles of 8 x 8, codes of 16 numbers


@pytest.fixture(scope="module")
def codec():
    return Codec(MODEL)


@pytest.fixture(scope="module")
def digits():
    x = zoo.load_dataset("digits").test.x[:40, :, :, 0].astype("float32")
    return np.rint(255 / 16 * x).astype("uint8")


@pytest.fixture
def pictures(tmp_path, digits):
    folder = tmp_path / "pictures"
    for i, pixels in enumerate(digits):
        path = folder / f"{'ab'[i % 2]}/{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
    return folder


@pytest.fixture
def packed(pictures, tmp_path):
    path = tmp_path / "digits.zooc"
    return path, compress.compress([pictures], path, model=MODEL)


def test_codes_of_the_decoder_are_those_of_the_encoder(packed, pictures, codec):
    path, made = packed
    held = archive.read(path)
    decoder = Decoder(held.codes, codec.dimensions)
    files = [pictures / entry.name for entry in held.entries]
    x = [np.asarray(Image.open(file))[..., None] for file in files]
    symbols = quantize(codec.encode(x), held.step)
    np.testing.assert_array_equal(decoder.read(len(x)), symbols)
    decoder.end()
    assert (held.model, held.weights) == (MODEL, codec.weights)
    assert (made.pictures, made.pixels) == (40, 40 * 64)
    assert made.output_bytes == path.stat().st_size


def test_pictures_come_back_as_the_model_rebuilds_them(packed, digits, tmp_path):
    path, made = packed
    written = compress.decompress(path, tmp_path / "out")
    assert len(written) == 40
    assert written[0] == tmp_path / "out/a/0.png"
    names = {int(file.stem): file for file in written}
    rebuilt = np.stack([np.asarray(Image.open(names[i])) for i in range(40)])
    errors = np.square((rebuilt.astype(float) - digits) / 255)
    assert errors.mean() == pytest.approx(made.mse)
    assert made.mse < 0.03
    assert made.psnr == pytest.approx(-10 * np.log10(made.mse))


def test_fewer_bits_cost_less_and_err_more(pictures, tmp_path):
    path = tmp_path / "a.zooc"
    rough, fine = (
        compress.compress([pictures], path, model=MODEL, bits=b) for b in (2, 7)
    )
    assert rough.output_bytes < fine.output_bytes
    assert rough.mse > fine.mse
    coarse = compress.compress([pictures], path, model=MODEL, step=2 * fine.step)
    assert coarse.step == 2 * fine.step


@pytest.mark.parametrize("size", [(8, 8), (13, 30), (1, 1), (40, 17)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pictures_of_any_size_keep_it(size, mode, tmp_path):
    shape = size if mode == "L" else (*size, 3)
    pixels = np.random.default_rng(0).integers(0, 256, shape, "uint8")
    source = tmp_path / "photo.jpg"
    Image.fromarray(pixels).save(source)
    compress.compress([source], tmp_path / "a.zooc", model=MODEL)
    (path,) = compress.decompress(tmp_path / "a.zooc")
    assert path == tmp_path / "a/photo.png"
    with Image.open(path) as picture:
        assert (picture.mode, picture.size) == (mode, size[::-1])


def test_tiles_of_a_colour_model_hold_all_colours():
    pixels = np.random.default_rng(0).integers(0, 256, (9, 20, 3), "uint8")
    cut = tiles.split(pixels, (8, 8, 3))
    assert (
        cut.shape == (2 * 3, 8, 8, 3) == (tiles.count((9, 20, 3), (8, 8, 3)), 8, 8, 3)
    )
    np.testing.assert_array_equal(cut[0], pixels[:8, :8])
    np.testing.assert_array_equal(tiles.join(cut, pixels.shape), pixels)
    grey = tiles.split(pixels[..., :1], (8, 8, 3))
    np.testing.assert_array_equal(tiles.join(grey, (9, 20, 1)), pixels[..., :1])


@pytest.mark.parametrize("spread", [0, 1, 100, 2000])
def test_any_integers_are_decoded_exactly(spread):
    draw = np.random.default_rng(spread)
    symbols = draw.integers(-spread, spread + 1, (300, 5)) + [0, 9, -9, 900, -30000]
    decoder = Decoder(encode(symbols), 5)
    parts = [decoder.read(100), decoder.read(200)]
    np.testing.assert_array_equal(np.concatenate(parts), symbols)
    decoder.end()


def test_the_rate_is_near_the_entropy():
    symbols = np.random.default_rng(0).binomial(6, 0.5, (20_000, 2))
    shares = np.bincount(symbols.ravel()) / symbols.size
    entropy = -np.sum(shares * np.log2(shares)) * symbols.size / 8
    assert entropy < len(encode(symbols)) < 1.01 * entropy


def test_the_quantizer():
    codes = np.array([[-1.0, 0.24], [0.26, 3.0]], "float32")
    assert step_of(codes, 3, None) == 0.5
    assert step_of(codes, None, None) == 4 / 2**5
    np.testing.assert_array_equal(quantize(codes, 0.5), [[-2, 0], [1, 6]])
    np.testing.assert_array_equal(dequantize(np.array([[1, -3]]), 0.5), [[0.5, -1.5]])
    assert step_of(np.ones((3, 2)), None, None) == 1.0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"bits": 3, "step": 0.1}, "not both"),
        ({"step": 0.0}, "must be a positive number"),
        ({"step": float("nan")}, "must be a positive number"),
        ({"bits": 13}, "from 1 to 12"),
        ({"step": 1e-6}, "step is too small"),
        ({"step": 1e-30}, "step is too small"),
        ({"model": "lenet5.digits"}, "no layer called 'code'"),
        ({"model": "mlp.xor"}, "no layer called 'code'"),
    ],
)
def test_options_that_do_not_fit(pictures, tmp_path, options, words):
    target = tmp_path / "none.zooc"
    with pytest.raises(ArgumentError, match=words):
        compress.compress([pictures], target, **{"model": MODEL} | options)
    assert not target.exists()


def test_an_autoencoder_of_other_samples_is_refused():
    model = zoo.create_model("autoencoder", input_shape=(30,))
    with pytest.raises(ArgumentError, match=r"takes samples of shape \(30,\)"):
        Codec(model)


def test_files_that_cannot_be_compressed(pictures, tmp_path):
    target = tmp_path / "none.zooc"
    (tmp_path / "text.png").write_text("no picture")
    for given, words in [
        ([tmp_path / "missing.png"], "There is no file"),
        ([tmp_path / "text.png"], "not a readable image"),
        ([pictures / "a/0.png", pictures / "a/0.png"], "would both be decompressed"),
        ([tmp_path / "empty"], "holds no pictures"),
    ]:
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(DatasetError, match=words):
            compress.compress(given, target, model=MODEL)
    assert not target.exists()


def changed(path, **changes):
    """An archive with another header and a checksum that is right."""
    content = path.read_bytes()
    (length,) = struct.unpack_from("<I", content, 5)
    header = json.loads(zlib.decompress(content[9 : 9 + length])) | changes
    text = zlib.compress(json.dumps(header).encode())
    body = content[:5] + struct.pack("<I", len(text)) + text + content[9 + length : -4]
    return body + struct.pack("<I", zlib.crc32(body))


HOSTILE = {
    "empty": lambda p: b"",
    "another file": lambda p: b"\x89PNG" + bytes(100),
    "magic alone": lambda p: b"ZOOC",
    "half": lambda p: p.read_bytes()[: p.stat().st_size // 2],
    "a byte less": lambda p: p.read_bytes()[:-1],
    "a byte more": lambda p: p.read_bytes() + b"\0",
    "a bit": lambda p: p.read_bytes()[:-9] + b"\x55" + p.read_bytes()[-8:],
    "a later version": lambda p: b"ZOOC\x02" + p.read_bytes()[5:],
    "no model": lambda p: changed(p, model=None),
    "unknown model": lambda p: changed(p, model="/etc/passwd"),
    "other weights": lambda p: changed(p, weights="0" * 64),
    "no sha256": lambda p: changed(p, weights="0"),
    "no step": lambda p: changed(p, step=0.0),
    "infinite step": lambda p: changed(p, step=float("inf")),
    "no pictures": lambda p: changed(p, pictures=[]),
    "above": lambda p: changed(p, pictures=[["../a.png", 8, 8, 1]]),
    "absolute": lambda p: changed(p, pictures=[["/tmp/a.png", 8, 8, 1]]),
    "backslash": lambda p: changed(p, pictures=[["..\\a.png", 8, 8, 1]]),
    "nul": lambda p: changed(p, pictures=[["a\0.png", 8, 8, 1]]),
    "twice": lambda p: changed(p, pictures=[["a.png", 8, 8, 1]] * 2),
    "no area": lambda p: changed(p, pictures=[["a.png", 0, 8, 1]]),
    "two channels": lambda p: changed(p, pictures=[["a.png", 8, 8, 2]]),
    "a bomb": lambda p: changed(p, pictures=[["a.png", 9_000, 9_000, 1]]),
    "too large": lambda p: changed(p, pictures=[["a.png", 10**9, 10**9, 1]]),
    "too few codes": lambda p: changed(p, pictures=[["a.png", 800, 800, 1]]),
    "codes left": lambda p: changed(p, pictures=[["a.png", 8, 8, 1]]),
    "words": lambda p: changed(p, pictures=[["a.png", "8", 8, 1]]),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_archives_are_refused_in_one_line(kind, packed, tmp_path):
    path = tmp_path / "hostile.zooc"
    path.write_bytes(HOSTILE[kind](packed[0]))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ZooError) as raised:
        compress.decompress(path, tmp_path / "out")
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_header_that_unfolds_without_end(packed, tmp_path):
    text = zlib.compress(b" " * 50_000_000)
    body = b"ZOOC\x01" + struct.pack("<I", len(text)) + text
    path = tmp_path / "hostile.zooc"
    path.write_bytes(body + struct.pack("<I", zlib.crc32(body)))
    with pytest.raises(DatasetError, match="header is damaged"):
        archive.read(path)


def test_random_bytes_are_refused_or_decoded(packed, tmp_path):
    draw = np.random.default_rng(0)
    content = bytearray(packed[0].read_bytes())
    path = tmp_path / "hostile.zooc"
    for _ in range(50):
        damaged = bytearray(content)
        at = int(draw.integers(9, len(content) - 4))
        damaged[at] ^= int(draw.integers(1, 256))
        damaged[-4:] = struct.pack("<I", zlib.crc32(damaged[:-4]))
        path.write_bytes(damaged)
        try:
            held = archive.read(path)
            Decoder(held.codes, 16).read(len(held.entries))
        except DatasetError:
            continue


def test_the_model_of_a_run(pictures, tmp_path):
    own = zoo.create_model(MODEL)
    own.save(tmp_path / "own.keras")
    path = tmp_path / "a.zooc"
    compress.compress([pictures], path, model=tmp_path / "own.keras")
    with pytest.raises(WeightsError, match="was compressed by other weights"):
        compress.decompress(path, tmp_path / "out")
    written = compress.decompress(path, tmp_path / "out", model=tmp_path / "own.keras")
    assert len(written) == 40


def test_a_folder_that_holds_something_is_left_alone(packed, tmp_path):
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits/mine").write_text("kept")
    with pytest.raises(ArgumentError, match="is no empty folder"):
        compress.decompress(packed[0])
    assert (tmp_path / "digits/mine").read_text() == "kept"


def test_missing_constriction_is_said_with_the_command(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "constriction":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "constriction", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ArgumentError, match=r"pip install .*\[compress\]"):
        encode(np.zeros((2, 2), int))
