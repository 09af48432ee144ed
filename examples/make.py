"""Draws and writes the files of this folder.

python examples/make.py             # into examples/
python examples/make.py FOLDER      # elsewhere
"""

import sys
import wave
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

FINE = 8  # pixels of a drawing for one of the picture, so that edges are smooth
PICTURES = 30  # of each class
RATE = 4_000  # samples of a sound in a second
WHISTLES = 24  # of each class
WHISTLERS = {"ann": 900.0, "bob": 500.0, "eve": 1100.0, "tom": 650.0}  # hertz
THINGS_SEEN = {"house": "built", "sun": "sky;round", "tree": "plant;round"}
NUMBER = 25  # of table rows for each fruit; of reviews for each rating and dish
FRUIT = {  # weight in grams, diameter in millimetres, sweetness in degrees Brix
    "apple": (180, 76, 13),
    "lemon": (110, 60, 7),
    "plum": (65, 48, 15),
}
GOOD = (
    "fresh",
    "delicious",
    "warm",
    "crisp",
    "excellent",
    "tasty",
    "lovely",
    "perfect",
)
BAD = ("stale", "cold", "greasy", "burnt", "bland", "soggy", "awful", "salty")
DISHES = ("soup", "bread", "pizza", "salad", "fish", "cake", "rice", "coffee")
REVIEWS = (
    "the {dish} was {first} and {second}",
    "{first} {dish} , and the waiter was {manner}",
    "we had the {dish} , it was so {first}",
    "never had such a {first} {dish} before , really {second}",
)
MANNERS = {"pos": ("kind", "quick", "charming"), "neg": ("rude", "slow", "careless")}
PEOPLE = (("king", "he"), ("queen", "she"), ("prince", "he"), ("princess", "she"))
PLACES = ("castle", "forest", "garden", "harbour", "village", "tower")
THINGS = ("golden ring", "old map", "silver key", "letter", "red lantern")
VERBS = {"walked": "to", "rode": "to", "looked": "at", "returned": "to"}


def main(folder: Path) -> None:
    """Writes every file into a folder."""
    generator = np.random.default_rng(0)
    seven(28).save(folder / "seven.png")
    Image.eval(seven(400), lambda value: 255 - value).save(folder / "large-seven.png")
    scene().save(folder / "scene.png")
    for label, draw in (("house", house), ("sun", sun), ("tree", tree)):
        (folder / "pictures" / label).mkdir(parents=True, exist_ok=True)
        for number in range(PICTURES):
            path = folder / "pictures" / label / f"{number:02}.png"
            picture(draw, generator).save(path)
    write(folder / "fruit.csv", ["weight,diameter,sweetness,fruit", *fruit(generator)])
    write(folder / "sales.csv", ["day,sold", *sales(generator)])
    write(folder / "reviews.tsv", dict.fromkeys(reviews(generator)))
    write(folder / "tagged.txt", tagged(generator))
    write(folder / "story.txt", (story(generator) for _ in range(600)))
    write(folder / "things.csv", ["file,labels", *things()])
    for label in ("down", "up"):
        (folder / "whistles" / label).mkdir(parents=True, exist_ok=True)
        for number in range(WHISTLES):
            person = list(WHISTLERS)[number % len(WHISTLERS)]
            path = folder / "whistles" / label / f"{label}_{person}_{number:02}.wav"
            save(path, whistle(label, WHISTLERS[person], generator))


def write(path: Path, lines) -> None:
    """Writes lines of text."""
    path.write_text("".join(f"{line}\n" for line in lines))


def seven(size: int) -> Image.Image:
    """A seven as MNIST has it: white on black, about 20 of 28 pixels high."""
    fine = size * FINE
    image = Image.new("L", (fine, fine))
    points = [(x * fine / 28, y * fine / 28) for x, y in ((8, 6), (20, 6), (12, 23))]
    width = round(2.4 * fine / 28)
    draw = ImageDraw.Draw(image)
    draw.line(points, 255, width, joint="curve")
    for x, y in points:
        draw.circle((x, y), width / 2, 255)
    return image.resize((size, size), Image.Resampling.BOX)


def scene() -> Image.Image:
    """A disc, a triangle and a square, as the detector of shapes knows them."""
    image = Image.new("RGB", (64, 64), (45, 60, 50))
    draw = ImageDraw.Draw(image)
    draw.ellipse((8, 30, 24, 46), fill=(210, 190, 70))
    draw.polygon(((36, 36), (48, 14), (60, 36)), fill=(90, 140, 220))
    draw.rectangle((26, 44, 38, 56), fill=(200, 80, 80))
    return image


def picture(draw, generator) -> Image.Image:
    """One picture, of a size of its own, on a sky of its own."""
    width, height = (int(side) for side in generator.integers(32, 56, 2))
    sky = tuple(int(part) for part in generator.integers((120, 170, 210), 256))
    image = Image.new("RGB", (width * FINE, height * FINE), sky)
    size = generator.uniform(0.5, 0.8) * min(image.size)
    x, y = (generator.uniform(0, side - size) for side in image.size)
    shade = int(generator.integers(150, 230))
    draw(ImageDraw.Draw(image), x, y, size, shade)
    # 32 colours make the file a third as long.
    small = image.resize((width, height), Image.Resampling.BOX)
    return small.quantize(32, Image.Quantize.MEDIANCUT).convert("P")


def house(draw, x: float, y: float, size: float, shade: int) -> None:
    """A square with a roof and a door."""
    roof = [(x, y + size / 2), (x + size / 2, y), (x + size, y + size / 2)]
    walls = [x + size / 8, y + size / 2, x + size * 7 / 8, y + size]
    door = [x + size * 0.4, y + size * 0.7, x + size * 0.6, y + size]
    draw.rectangle(walls, (shade, shade, shade - 40))
    draw.polygon(roof, (shade - 20, 60, 40))
    draw.rectangle(door, (90, 60, 30))


def sun(draw, x: float, y: float, size: float, shade: int) -> None:
    """A disc with twelve rays."""
    yellow = (255, shade, 30)
    middle = x + size / 2, y + size / 2
    for angle in np.arange(12) * np.pi / 6:
        end = middle + size / 2 * np.array([np.cos(angle), np.sin(angle)])
        draw.line([middle, tuple(end)], yellow, round(size / 16))
    draw.circle(middle, size / 3.5, yellow)


def tree(draw, x: float, y: float, size: float, shade: int) -> None:
    """A trunk under a round crown."""
    trunk = [x + size * 0.43, y + size / 2, x + size * 0.57, y + size]
    draw.rectangle(trunk, (110, 70, 30))
    draw.circle((x + size / 2, y + size / 3), size / 3, (40, shade - 60, 50))


def things():
    """What can be seen in each picture, as labels."""
    for thing, labels in THINGS_SEEN.items():
        yield from (f"pictures/{thing}/{i:02}.png,{labels}" for i in range(PICTURES))


def whistle(label: str, pitch: float, generator) -> np.ndarray:
    """A whistle that glides up or down, between -1 and 1."""
    time = np.arange(int(RATE * generator.uniform(0.15, 0.25))) / RATE
    ends = pitch * generator.uniform(0.9, 1.1) * np.array([1, 1.5])
    first, last = ends if label == "up" else ends[::-1]
    phase = first * time + (last - first) * time**2 / (2 * time[-1])
    fade = np.minimum(1, 8 * np.minimum(time, time[-1] - time) / time[-1])
    return generator.uniform(0.3, 0.9) * fade * np.sin(2 * np.pi * phase)


def save(path: Path, samples: np.ndarray) -> None:
    """Writes a sound of 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())


def fruit(generator):
    """A row for each of some measured fruits."""
    for label, typical in FRUIT.items():
        for weight, diameter, sweetness in generator.normal(
            typical, np.array(typical) * 0.12, (NUMBER, 3)
        ):
            yield f"{weight:.0f},{diameter:.0f},{sweetness:.1f},{label}"


def sales(generator):
    """Two years of days: a trend, the day of the week, the season, and noise."""
    days = np.arange(730)
    week = np.array([0, 2, 4, 6, 20, 35, -15])[days % 7]
    season = 15 * np.sin(2 * np.pi * days / 365)
    sold = 100 + 0.03 * days + week + season + generator.normal(0, 4, len(days))
    return (f"{day},{value:.0f}" for day, value in zip(days, sold, strict=True))


def reviews(generator):
    """Restaurant reviews with their label, a tab between them."""
    for label, words in (("pos", GOOD), ("neg", BAD)):
        for dish in DISHES:
            for _ in range(NUMBER):
                first, second = generator.choice(words, 2, replace=False)
                text = generator.choice(REVIEWS).format(
                    dish=dish,
                    first=first,
                    second=second,
                    manner=generator.choice(MANNERS[label]),
                )
                yield f"{label}\t{text}"


def story(generator) -> str:
    """A sentence of a fairy tale."""
    return " ".join(word for word, _ in sentence(generator)).replace(" .", ".")


def tagged(generator):
    """Sentences of such tales: a token, a tab and its tag in each line."""
    for _ in range(300):
        yield from (f"{word}\t{tag}" for word, tag in sentence(generator))
        yield ""


def sentence(generator):
    """The words of a sentence with their tags."""
    person, pronoun = PEOPLE[generator.integers(len(PEOPLE))]
    verb = generator.choice(list(VERBS))
    place, other = generator.choice(PLACES, 2, replace=False)
    *adjective, thing = generator.choice(THINGS).split()
    yield from (("the", "DET"), (person, "NOUN"), (verb, "VERB"))
    yield from ((VERBS[verb], "ADP"), ("the", "DET"), (place, "NOUN"))
    if generator.integers(2):
        yield from (("near", "ADP"), ("the", "DET"), (other, "NOUN"))
    yield from (("and", "CONJ"), (pronoun, "PRON"), ("found", "VERB"), ("the", "DET"))
    yield from ((word, "ADJ") for word in adjective)
    yield from ((thing, "NOUN"), (".", "."))


if __name__ == "__main__":
    main(Path(*sys.argv[1:]) if sys.argv[1:] else Path(__file__).parent)
