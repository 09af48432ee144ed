"""What a page tells of a run in words: rows of tables, without any syntax of Python."""

from typing import Any

from zoo.datasets.named import NAMED
from zoo.registry import list_models, model_spec
from zoo.reports.subject import Subject
from zoo.runs.reading import read_details, read_metrics

# What the metrics of the zoo mean.
METRICS = {
    "loss": "what training minimizes; smaller is better",
    "accuracy": "fraction of samples whose most probable class is the true one",
    "balanced_accuracy": "mean of the recall of the classes, each counting as much",
    "accuracy, 95 % interval": "where the accuracy on many more samples of the same "
    "kind may lie (Wilson)",
    "training": "what these figures are of: far better ones than those of the test are "
    "a sign of over-fitting",
    "baseline": "the same metric of a method that is as simple as can be",
    "calibration error": "how far the probability of an answer is from how often such "
    "answers are right, on average",
    "log loss": "mean of the negative logarithm of the probability of the true class",
    "Brier score": "mean squared difference of the probabilities and the truth, from 0 "
    "to 2; smaller is better",
    "ap50": "mean average precision of the classes, where boxes count that overlap an "
    "object by half of their union",
    "ap": "the mean of the same for overlaps from .50 to .95",
    "exact_match": "fraction of samples whose whole sentence is right",
    "bleu": "overlap of n-grams with the true sentences, from 0 to 100",
    "seen_match": "exact_match of sentences whose pairs of words training has",
    "unseen_match": "exact_match of those with two words side by side that no "
    "training sentence has",
    "return": "sum of the rewards of an episode, mean over the episodes; larger is "
    "better",
    "return_min": "the smallest return of an episode",
    "return_std": "standard deviation of the returns between episodes",
    "length": "mean number of steps of an episode",
    "mse": "mean squared error; smaller is better",
    "mae": "mean absolute error, in the unit of the target; smaller is better",
    "r2": "coefficient of determination: 1 without error, 0 for always the mean",
    "baseline_mae": "the mean absolute error of always the mean of the training data",
    "baseline_rmse": "the same of the root of the mean squared error",
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
    "frechet_distance": "Frechet distance between features of generated samples and of "
    "test samples; smaller is better",
    "coverage": "fraction of the test samples near which there is a generated one",
    "novelty": "distance of samples to the nearest training sample, in units of that "
    "of test samples; 0 for copies",
    "smallest_class_share": "fraction of the samples that are of their rarest class",
    "class_accuracy": "fraction of the samples that are of the class they were "
    "generated for",
    "real_frechet_distance": "the distance of training samples: the best there is",
    "real_coverage": "the coverage of training samples",
    "probe_accuracy": "accuracy of a logistic regression on the features, from a "
    "thousand training samples",
    "noise_frechet_distance": "the distance of noise",
    "noise_coverage": "the coverage of noise",
    "memorised_frechet_distance": "the distance of a hundred training samples, each "
    "repeated: what a model reaches that knows them by heart",
    "memorised_coverage": "the coverage of these",
}
CLASS_FIGURES = ("precision", "recall", "f1")
TARGET_FIGURES = ("mae", "rmse", "r2")
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
    """The metrics on the test split, with the details that are single figures.

    Beside a metric stands that of a sample of the training split, if there is one.
    """
    metrics = read_metrics(subject.directory)
    found = {name: f"{value:.4f}" for name, value in metrics.items()}
    seen = read_details(subject.directory).get("training")
    if seen is not None:
        for name in metrics.keys() & seen["metrics"].keys():
            found[name] += f" (training {seen['metrics'][name]:.4f})"
        number = f"{seen['samples']:,} samples of the training split"
        found["training"] = f"{number}, in inference mode"
    details = subject.details
    if "accuracy_interval" in details:
        low, high = details["accuracy_interval"]
        number = f"{details['samples']:,} {details['unit']}"
        found["accuracy, 95 % interval"] = f"{low:.4f} to {high:.4f}, of {number}"
    if "baseline" in details:
        baseline = details["baseline"]
        found["baseline"] = f"{baseline.value:.4f}: {baseline.method}"
    calibration = details.get("calibration")
    if calibration is not None:
        found["calibration error"] = f"{calibration['error']:.4f}"
        found["log loss"] = f"{calibration['log_loss']:.4f}"
        found["Brier score"] = f"{calibration['brier']:.4f}"
    return found


def classes(subject: Subject) -> dict[str, list[str]]:
    """Samples, precision, recall and F1 of each class."""
    return {
        each["name"]: [
            f"{each['samples']:,}",
            *("-" if each[k] is None else f"{each[k]:.4f}" for k in CLASS_FIGURES),
        ]
        for each in subject.details.get("classes", ())
    }


def targets(subject: Subject) -> dict[str, list[str]]:
    """Errors and the coefficient of determination of each of several targets."""
    return {
        each["name"]: [
            "-" if each[k] is None else f"{each[k]:.4f}" for k in TARGET_FIGURES
        ]
        for each in subject.details.get("targets", ())
    }


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
