"""Folders of sounds."""

from tests.zoo.odd_files.making import SOUNDS, Row, sound, sounds, tree


def streamed(raw, size):
    """A `.wav` file whose lengths are what a recorder to a pipe writes."""
    length = size.to_bytes(4, "little")
    return raw[:4] + length + raw[8:40] + length + raw[44:]


SOUND_ROWS = [
    Row(
        "16 bits",
        tree(sounds()),
        **SOUNDS,
        shape=(1600,),
        check=lambda d: 0.45 < abs(d.train.x).max() < 0.55,
    ),
    Row(
        "8 bits",
        tree(sounds(width=1)),
        **SOUNDS,
        shape=(1600,),
        check=lambda d: 0.45 < abs(d.train.x).max() < 0.55,
    ),
    Row(
        "stereo",
        tree(sounds(channels=2)),
        **SOUNDS,
        shape=(1600,),
        check=lambda d: 0.45 < abs(d.train.x).max() < 0.55,
    ),
    Row(
        "of two lengths",
        tree(sounds() | {"no/long.wav": sound(0.4)}),
        **SOUNDS | {"samples": 25},
    ),
    Row(
        "resampled",
        tree(sounds(rate=16000)),
        **SOUNDS,
        shape=(1600,),
        reading={"rate": 8000},
    ),
    Row(
        "speakers",
        tree(
            {
                f"{k}/{k}_{s}_{i}.wav": sound(phase=i)
                for k in ("no", "yes")
                for s in ("ann", "bob", "cyd")
                for i in range(4)
            }
        ),
        **SOUNDS,
        reading={"group": "*_{group}_*", "test_group": ["bob"]},
        check=lambda d: len(d.test.y) == 8,
    ),
    Row(
        "background noise, as Speech Commands has it",
        tree(sounds() | {"_background_noise_/pink.wav": sound(2)}),
        **SOUNDS,
        shape=(1600,),
        finds=("noise",),
    ),
    Row(
        "lists of the splits",
        tree(
            sounds()
            | {"testing_list.txt": "no/1.wav\nyes/2.wav\nyes/99.wav\n"}
            | {"validation_list.txt": "no/3.wav\nyes/4.wav\nno/5.wav\n"}
        ),
        **SOUNDS,
        finds=("split_lists",),
        check=lambda d: (len(d.validation.y), d.test.y.tolist()) == (3, [0, 1]),
    ),
    Row(
        "streamed, so that the header says 0 bytes",
        tree({name: streamed(raw, 0) for name, raw in sounds().items()}),
        **SOUNDS,
        shape=(1600,),
        finds=("streamed",),
        check=lambda d: 0.45 < abs(d.train.x).max() < 0.55,
    ),
    Row(
        "streamed, so that the header says 4 GB",
        tree({name: streamed(raw, 2**32 - 1) for name, raw in sounds().items()}),
        **SOUNDS,
        shape=(1600,),
        finds=("cut_off",),
        check=lambda d: 0.45 < abs(d.train.x).max() < 0.55,
    ),
    Row(
        "one that is empty indeed, with a list behind it",
        tree(sounds() | {"no/0.wav": streamed(sound(0), 0) + b"LIST\4\0\0\0INFO"}),
        refused="0.wav holds no samples",
    ),
    Row("no sound", tree(sounds() | {"no/bad.wav": b"RIFF"}), refused="bad.wav"),
    Row("one class", tree(sounds(classes=("no",))), refused="one class"),
    Row(
        "a target for folders of classes",
        tree(sounds()),
        refused="its folders are the classes ('no' and 'yes')",
        reading={"target": "yes"},
    ),
    Row(
        "classes that differ in case",
        tree(sounds(classes=("Yes", "yes"))),
        task="classification",
        samples=24,
        finds=("near_twins",),
    ),
]
