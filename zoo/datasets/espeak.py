"""Speech of espeak-ng, a synthesizer under the GPL that runs in a process of its own.

A new process says the same words in the same way; the library, once it has spoken, does
not.
"""

import ctypes
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from zoo.errors import DatasetError

_SYNCHRONOUS = 2  # sound goes to the callback, before the call returns
_CHARACTERS = 1  # positions in the text are counted in characters
_UTF8 = 1
_RATE, _PITCH = 1, 3  # parameters
_CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class Utterance(NamedTuple):
    """Something to say.

    Args:
        text: The words.
        voice: Language and variant, such as `en-us+f2`.
        words_a_minute: Speed, 80 to 450.
        pitch: 0 to 100, 50 being the voice's own.
    """

    text: str
    voice: str
    words_a_minute: int = 160
    pitch: int = 50


def speak(utterances: Sequence[Utterance]) -> tuple[list[np.ndarray], int]:
    """Returns the sound of each utterance, and the samples a second.

    Samples are between -1 and 1.

    Raises:
        DatasetError: If espeak-ng is not installed, or has no such voice.

    Example:

    >>> waves, rate = speak([Utterance("seven", "en-us+f2")])
    >>> waves[0].shape, rate
    ((11916,), 22050)
    """
    child = subprocess.run(
        [sys.executable, "-m", __name__],
        input=json.dumps(utterances).encode(),
        capture_output=True,
    )
    if child.returncode:
        raise DatasetError(child.stderr.decode().strip().rpartition("\n")[2])
    found = np.load(io.BytesIO(child.stdout))
    waves = found["samples"].astype("float32") / 2**15
    return np.split(waves, found["ends"][:-1]), int(found["rate"])


def _library() -> tuple[Any, int]:
    try:
        import espeakng_loader
    except ImportError:
        sys.exit(
            "Voices are those of espeak-ng, under the GPL: "
            'pip install "keras-serving-zoo[voices]".'
        )
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    data = espeakng_loader.get_data_path().encode()
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, data, 0)
    library.espeak_ng_SetRandSeed(1)  # of breath and flutter
    return library, rate


def _say(library: Any, utterance: Utterance) -> np.ndarray:
    blocks = []

    def hear(samples: Any, count: int, _: Any) -> int:
        if samples and count:
            blocks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    if library.espeak_SetVoiceByName(utterance.voice.encode()):
        sys.exit(f"espeak-ng has no voice {utterance.voice!r}.")
    library.espeak_SetParameter(_RATE, utterance.words_a_minute, 0)
    library.espeak_SetParameter(_PITCH, utterance.pitch, 0)
    callback = _CALLBACK(hear)
    library.espeak_SetSynthCallback(callback)
    text = utterance.text.encode()
    library.espeak_Synth(text, len(text) + 1, 0, _CHARACTERS, 0, _UTF8, None, None)
    return np.concatenate(blocks)


def _main() -> None:
    library, rate = _library()
    waves = [_say(library, Utterance(*each)) for each in json.load(sys.stdin)]
    content = io.BytesIO()
    ends = np.cumsum([len(wave) for wave in waves])
    np.savez(content, samples=np.concatenate(waves), ends=ends, rate=rate)
    sys.stdout.buffer.write(content.getvalue())


if __name__ == "__main__":
    _main()
