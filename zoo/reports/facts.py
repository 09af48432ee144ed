"""What a page tells of a run in words: rows of tables, without any syntax of Python."""

from typing import Any

from zoo.datasets.named import NAMED
from zoo.registry import list_models, model_spec
from zoo.reports.subject import Subject
from zoo.runs.reading import read_metrics

# What the metrics of the zoo mean.
METRICS = {
    "loss": "what training minimizes; smaller is better",
    "accuracy": "fraction of samples whose most probable class is the true one",
    "mse": "mean squared error; smaller is better",
    "rmse": "root of the mean squared error; smaller is better",
    "mase": "mean absolute error, in units of that of a seasonal naive forecast on the "
    "training split; below 1 is better than that",
    "naive_mase": "the same of the seasonal naive forecast itself",
    "pca_mse": "error of principal components, as many as the code has units",
    "denoised_mse": "error of the reconstructions of noisy samples",
    "noisy_mse": "error of the noisy samples themselves",
    "mean_activation": "mean activation of the units of the code",
    "elbo": "evidence lower bound in nats per sample; larger is better",
    "log_likelihood": "log-likelihood in nats per sample; larger is better",
}
_RECIPE = {
    "optimizer": "optimizer",
    "schedule": "learning rate schedule",
    "loss": "loss",
    "batch_size": "batch size",
    "epochs": "epochs",
    "warmup_epochs": "warm-up epochs",
    "patience": "patience",
    "augmentation": "augmentation",
    "class_weight": "class weight",
    "encoding": "encoding",
    "seed": "seed",
}


def about(subject: Subject) -> dict[str, str]:
    """Sentences about the model and the data, from their docstrings."""
    config, found = subject.config, {}
    if config["name"] in list_models():
        spec = model_spec(config["name"])
        found = {"the model": spec.summary, "the paper": spec.paper}
    if config["dataset"] in NAMED:
        doc = NAMED.get(config["dataset"]).make.__doc__ or ""
        found["the data"] = " ".join(doc.split())
    return {name: text for name, text in found.items() if text}


def results(subject: Subject) -> dict[str, str]:
    """The metrics on the test split."""
    metrics = read_metrics(subject.directory)
    return {name: f"{value:.4f}" for name, value in metrics.items()}


def training(subject: Subject) -> dict[str, str]:
    """How the model was trained: the model's arguments, the recipe, the splits."""
    config, data = subject.config, subject.data
    sizes = ", ".join(f"{len(s.y):,} {name}" for name, s in data.splits.items())
    rows = {"samples": sizes, "parameters": f"{subject.model.count_params():,}"}
    arguments = config["arguments"]
    if config["name"] in list_models():
        arguments = model_spec(config["name"]).parameters | arguments
    rows |= {name: text(value) for name, value in arguments.items()}
    for key, name in _RECIPE.items():
        value = config["recipe"].get(key)
        if value not in (None, [], {}, 0.0) or key == "seed":
            rows[name] = text(value)
    if subject.kept is not None:
        rows["epoch kept"] = f"{subject.kept}, by {config['monitor']}"
    return rows


def machine(config: dict[str, Any]) -> dict[str, str]:
    """Where a run ran."""
    processor = config.get("device", {}).get("processor", {}).get("model")
    return {
        "devices": config["devices"],
        **({"processor": processor} if processor else {}),
        "versions": text(config["versions"]),
    }


def text(value: Any) -> str:
    """Returns a value of a configuration in words.

    >>> text(["Adam", {"learning_rate": 0.01}]), text([64, 64]), text(True)
    ('Adam (learning_rate 0.01)', '64, 64', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        known = {k: v for k, v in value.items() if v is not None}
        return ", ".join(f"{k} {text(v)}" for k, v in known.items())
    if isinstance(value, list | tuple):
        if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict):
            return f"{value[0]} ({text(value[1])})" if value[1] else value[0]
        return ", ".join(map(text, value))
    return str(value)
