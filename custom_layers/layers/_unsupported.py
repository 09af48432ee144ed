"""What configurations of Keras' layers may ask for, and ours do not support."""

_NAMES = ("lora_rank", "lora_alpha", "quantization_config")


def without_unsupported(layer: str, config: dict) -> dict:
    """Drops from a configuration that there is no quantization and no LoRA.

    Raises:
        ValueError: If there is some.
    """
    for name in _NAMES:
        if config.get(name) is not None:
            raise ValueError(
                f"`{layer}` supports neither quantization nor LoRA: leave `{name}` out "
                f"or use `keras.layers.{layer}`. Received: {name}={config[name]}"
            )
    return {name: value for name, value in config.items() if name not in _NAMES}
