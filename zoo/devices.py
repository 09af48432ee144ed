"""The devices that this process can compute on."""

import keras


def accelerators() -> list[str]:
    """Lists the GPUs and TPUs that Keras sees, such as `gpu:0`."""
    # Without a kind: JAX raises an error when asked for one that is not there.
    found = keras.distribution.list_devices()
    return [device for device in found if not device.lower().startswith("cpu")]
