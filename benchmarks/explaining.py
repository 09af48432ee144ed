"""Do the methods of `zoo explain` explain? Three checks on the test split of MNIST.

Deletion and insertion (Petsiuk, Das and Saenko, 2018): pixels are taken away, or put
onto a baseline, in the order of a method; the score is the mean probability of the
predicted class on the way. Beside each method stand random orders, random maps as
coarse as Grad-CAM's, and the picture itself, its distance from the baseline; the
baselines are black and the blurred picture.

Model randomisation (Adebayo et al., 2018): layers are initialized anew, from the last
one down; the rank correlation of a map with that of the trained model must fall.

    python -m benchmarks.explaining [--samples 100] [--only gradient grad_cam]

writes explaining.json and prints the tables of docs/explaining.md.
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import keras
import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata

import zoo
from zoo.inference.answers.model_answerer import model_input
from zoo.inference.explanations.methods import grad_cam, methods
from zoo.inference.explanations.model_case import ModelCase
from zoo.runs.trained import trained

FOLDER = Path(__file__).parent
MODELS = ("lenet5.mnist", "lenet5_augmented.mnist")
ATTRIBUTING = (
    *("gradient", "gradient_times_input", "smoothgrad", "integrated_gradients"),
    *("grad_cam", "grad_cam, stretched", "hires_cam", "hires_cam, stretched"),
    "occlusion",
)
STRETCHED = ", stretched"
STEPS = 28  # of a curve


def stretched(case, name):
    """A map as it is often drawn: stretched over the whole picture."""
    right = grad_cam.centres

    def edge_on_edge(model, layer, entry):
        cells, sizes = layer.output.shape[1:-1], case.values.shape[1:3]
        ratios = [size / n for size, n in zip(sizes, cells, strict=True)]
        return [((ratio - 1) / 2, ratio) for ratio in ratios]

    grad_cam.centres = edge_on_edge
    try:
        return methods()[name].explain(case)
    finally:
        grad_cam.centres = right


def explain(name, case):
    if name.endswith(STRETCHED):
        return stretched(case, name.removesuffix(STRETCHED)).attributions
    return methods()[name].explain(case).attributions


def baselines(picture):
    return {
        "black": np.zeros_like(picture),
        "blurred": gaussian_filter(picture, (0, 4, 4, 0)),
    }


def curve(case, baseline, order, *, insert):
    """The mean probability of the class while pixels go, or come."""
    picture = case.values
    start, other = (baseline, picture) if insert else (picture, baseline)
    counts = np.linspace(0, len(order), STEPS + 1).round().astype(int)
    copies = np.repeat(start.reshape(1, -1), len(counts), axis=0)
    for row, count in zip(copies, counts, strict=True):
        row[order[:count]] = other.reshape(-1)[order[:count]]
    answers = case.answers(copies.reshape(-1, *picture.shape[1:]))
    shares = keras.ops.convert_to_numpy(keras.ops.softmax(answers))
    values = shares[:, case.target.index]
    return float(np.trapezoid(values, dx=1 / STEPS))


def orders(names, case, baseline, generator):
    """Positions of the pixels, the most important first, by method."""
    found = {name: explain(name, case) for name in names}
    found["picture itself"] = np.abs(case.values - baseline)[0, ..., 0]
    sizes = found["picture itself"].shape
    layer = grad_cam.last_map(case)
    cells = generator.random(layer.output.shape[1:-1])
    axes = grad_cam.centres(case.model, layer)
    found["random cells"] = grad_cam.placed(cells, axes, sizes)
    found["random"] = generator.random(sizes)
    return {k: np.argsort(-v, axis=None, kind="stable") for k, v in found.items()}


def deletion_and_insertion(cases, names):
    generator = np.random.default_rng(0)
    sums = defaultdict(lambda: defaultdict(list))
    for case in cases:
        for kind, baseline in baselines(case.values).items():
            for name, order in orders(names, case, baseline, generator).items():
                for insert in (False, True):
                    what = f"{'insertion' if insert else 'deletion'}, {kind}"
                    area = curve(case, baseline, order, insert=insert)
                    sums[name][what].append(area)
    return {
        name: {what: float(np.mean(values)) for what, values in each.items()}
        for name, each in sums.items()
    }


def rank_correlation(one, other, picture):
    """Of the pixels that are not black: the zeros of the others always agree."""
    inside = picture[..., 0] > 0
    ranks = [rankdata(each[inside]) for each in (one, other)]
    if any(np.ptp(each) == 0 for each in ranks):
        return 0.0  # a map that is the same everywhere ranks nothing
    return float(np.corrcoef(*ranks)[0, 1])


def randomise(layer, generator):
    """Weights of the same mean and deviation, drawn anew."""
    layer.set_weights(
        [
            generator.normal(w.mean(), w.std(), w.shape).astype(w.dtype)
            for w in layer.get_weights()
        ]
    )


def randomisation(subject, pictures, classes, names):
    """Rank correlation of each method, after each layer from the last one down."""
    model = keras.models.clone_model(subject.model)
    model.set_weights(subject.model.get_weights())
    takes = model_input(subject)
    layers = [each for each in model.layers if hasattr(each, "kernel")][::-1]

    def maps():
        return {
            name: [
                explain(name, ModelCase(model, takes, x[np.newaxis], wanted=k))
                for x, k in zip(pictures, classes, strict=True)
            ]
            for name in names
        }

    before, generator = maps(), np.random.default_rng(0)
    found = {name: {} for name in names}
    for layer in layers:
        randomise(layer, generator)
        after = maps()
        for name in names:
            pairs = zip(before[name], after[name], pictures, strict=True)
            values = [rank_correlation(*pair) for pair in pairs]
            found[name][layer.name] = float(np.mean(values))
    return found


def completeness_error(case):
    return methods()["integrated_gradients"].explain(case).figures["completeness_error"]


def measure(name, samples, only):
    subject = trained(name)
    data = zoo.load_dataset(subject.dataset)
    takes = model_input(subject)
    x = data.test.x[:samples].astype("float32")
    cases = [ModelCase(subject.model, takes, each[np.newaxis]) for each in x]
    areas = deletion_and_insertion(cases, only)
    few = max(1, samples // 4)
    classes = [case.target.name for case in cases[:few]]
    return {
        "areas": areas,
        "rank_correlation": randomisation(subject, x[:few], classes, only),
        "completeness_error": max(map(completeness_error, cases)),
    }


def table(results):
    lines = []
    for model, found in results["models"].items():
        columns = list(next(iter(found["areas"].values())))
        layers = list(next(iter(found["rank_correlation"].values())))
        head = ["`" + model + "`", *columns, f"rank correlation, {layers[0]}", "all"]
        lines += [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
        for name, areas in found["areas"].items():
            cells = [f"{areas[column]:.3f}" for column in columns]
            correlation = found["rank_correlation"].get(name)
            cells += (
                [f"{correlation[layer]:.2f}" for layer in (layers[0], layers[-1])]
                if correlation
                else ["", ""]
            )
            lines.append(f"| {name.replace('_', ' ')} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--only", nargs="*", default=ATTRIBUTING)
    parser.add_argument("--models", nargs="*", default=MODELS)
    parser.add_argument("--output", type=Path, default=FOLDER / "explaining.json")
    options = parser.parse_args()
    results = {"samples": options.samples, "models": {}}
    for model in options.models:
        start = time.time()
        results["models"][model] = measure(model, options.samples, options.only)
        print(model, f"{time.time() - start:.0f} s", flush=True)
    options.output.write_text(json.dumps(results, indent=2) + "\n")
    print(table(results))


if __name__ == "__main__":
    main()
