"""How fast and how good word vectors are, beside gensim's.

    python -m benchmarks.word2vec TEXT [--epochs 5] [--runs 5] [--only skipgram]
    python -m benchmarks.word2vec TEXT --seeds 10 [--epochs 20]

A line of TEXT is a sentence of words that white space separates. Both sides have 100
dimensions, windows of 5, 5 negative samples or hierarchical softmax, the threshold 1e-3
and a least count of 5. gensim gets its fastest way, a `corpus_file`, and the number of
workers, of 1 to 3, with which it is fastest; ours two shards. The runs alternate, and
the medians count. *Words* are raw words a second of training, the vocabulary and XLA's
compilation left out; *of a core* divides them by the processor time instead of the wall
time, which other programs on the machine change less. The quality is Spearman's rank
correlation on WordSim-353 and SimLex-999.

With `--seeds`, quality alone is compared, seed by seed: the mean difference, ours minus
gensim's, with its interval of 95 % by Student's t. Writes `word2vec.json` beside this
file, under the name of TEXT and the number of epochs.
"""

import argparse
import dataclasses
import json
import statistics
import time
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from gensim.models import Word2Vec
from scipy.stats import t

import zoo
from zoo import tasks
from zoo.datasets.vocabulary import SPECIAL
from zoo.training.word2vec.engine import Engine
from zoo.word_vectors import WordVectors
from zoo.word_vectors.figures import figures

RESULTS = Path(__file__).with_suffix(".json")
NAMES = ("skipgram", "cbow", "skipgram_hs", "cbow_hs")
SETS = ("wordsim353", "simlex999")
WORKERS = (1, 2, 3)


class Outcome(NamedTuple):
    """Words a second, by wall time and by processor time, and the figures."""

    words: float
    of_a_core: float
    figures: dict[str, float]


class Text(NamedTuple):
    """A file of sentences, and the number of its words."""

    path: Path
    words: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", type=Path, help="a sentence a line")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--runs", type=int, default=5, help="pairs of runs")
    parser.add_argument("--only", choices=NAMES, help="one of the models")
    parser.add_argument("--seeds", type=int, default=0, help="compare quality alone")
    arguments = parser.parse_args()
    text = read(arguments.text)
    key = f"{text.path.stem}, {arguments.epochs} epochs"
    for name in [arguments.only] if arguments.only else NAMES:
        if arguments.seeds:
            row = compare(name, text, arguments.epochs, arguments.seeds)
        else:
            row = race(name, text, arguments.epochs, arguments.runs)
        print(name, json.dumps(row), flush=True)
        found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        kind = "quality" if arguments.seeds else "speed"
        found.setdefault(key, {}).setdefault(kind, {})[name] = row
        RESULTS.write_text(json.dumps(found, indent=1) + "\n")


def read(path: Path) -> Text:
    """Counts the words of a text."""
    with path.open() as file:
        return Text(path, sum(len(line.split()) for line in file))


def race(name: str, text: Text, epochs: int, runs: int) -> dict[str, Any]:
    """Times alternating runs; the workers of gensim are chosen by a run of each."""
    speed = {n: gensim(name, text, 1, seed=0, workers=n).words for n in WORKERS}
    workers = max(speed, key=speed.__getitem__)
    pairs = [
        (ours(name, text, epochs, seed), gensim(name, text, epochs, seed, workers))
        for seed in range(runs)
    ]
    rows = {
        side: {
            "words": statistics.median(each.words for each in outcomes),
            "of_a_core": statistics.median(each.of_a_core for each in outcomes),
            **{
                s: statistics.median(each.figures[s] for each in outcomes) for s in SETS
            },
        }
        for side, outcomes in zip(
            ("ours", "gensim"), zip(*pairs, strict=True), strict=True
        )
    }
    ratios = [a.words / b.words for a, b in pairs]
    of_a_core = [a.of_a_core / b.of_a_core for a, b in pairs]
    return rows | {
        "workers": workers,
        "ratio": statistics.median(ratios),
        "ratio_of_a_core": statistics.median(of_a_core),
    }


def compare(name: str, text: Text, epochs: int, seeds: int) -> dict[str, Any]:
    """Compares the figures of both sides, seed by seed."""
    pairs = [
        (ours(name, text, epochs, seed), gensim(name, text, epochs, seed, 2))
        for seed in range(seeds)
    ]
    found = {}
    for each in SETS:
        values = np.array([[side.figures[each] for side in pair] for pair in pairs])
        differences = values[:, 0] - values[:, 1]
        error = differences.std(ddof=1) / np.sqrt(seeds)
        half = float(t.ppf(0.975, seeds - 1) * error)
        mean = float(differences.mean())
        found[each] = {
            "ours": values[:, 0].tolist(),
            "gensim": values[:, 1].tolist(),
            "difference": mean,
            "interval": [mean - half, mean + half],
        }
    return found


def ours(name: str, text: Text, epochs: int, seed: int) -> Outcome:
    """Trains as `zoo train` does, without a run folder."""
    recipe = zoo.model_spec(f"word2vec_{name}.brown").recipe
    task = tasks.get("embedding")
    encoding = task.settings(recipe.encoding | {"tokens": "whitespace"})
    data = task.encode(zoo.make_corpus("text", text.path.open()), encoding)
    keras.utils.set_random_seed(seed)
    model = zoo.create_model(f"word2vec_{name}", **task.fixed_by_data(data))
    task.inform(model, data)
    steps = -(-len(data.train.y) // recipe.batch_size)
    rate = keras.optimizers.schedules.PolynomialDecay(
        recipe.optimizer[1]["learning_rate"], steps * epochs, 1e-4
    )
    model.compile(keras.optimizers.SGD(rate), jit_compile=True)
    engine = Engine(model, data, dataclasses.replace(recipe, encoding=encoding))
    engine.build(data.train)
    feed = engine.feed(data.train)
    first = engine.draw(data.train.x[: recipe.batch_size], (seed,))
    untrained = model.get_weights()
    engine.run(first, 0.01)  # compiles
    model.set_weights(untrained)
    engine.start_means()
    with _Clock() as clock:
        for epoch in range(epochs):
            feed.begin(seed, epoch)
            feed.train(0, steps)
    matrix = np.asarray(model.get_layer("embedding").embeddings)
    assert data.vocabulary is not None
    vectors = WordVectors(data.vocabulary.tokens[SPECIAL:], matrix[SPECIAL:])
    return clock.outcome(text.words * epochs, vectors)


def gensim(name: str, text: Text, epochs: int, seed: int, workers: int) -> Outcome:
    """Trains with gensim's fastest way."""
    has_tree = name.endswith("_hs")
    model = Word2Vec(
        vector_size=100,
        window=5,
        min_count=5,
        sample=1e-3,
        sg=int(name.startswith("skipgram")),
        hs=int(has_tree),
        negative=0 if has_tree else 5,
        workers=workers,
        seed=seed + 1,
    )
    model.build_vocab(corpus_file=str(text.path))
    with _Clock() as clock:
        model.train(
            corpus_file=str(text.path),
            total_words=model.corpus_total_words,
            total_examples=model.corpus_count,
            epochs=epochs,
        )
    vectors = WordVectors(tuple(model.wv.index_to_key), model.wv.vectors)
    return clock.outcome(text.words * epochs, vectors)


class _Clock:
    """Measures wall time and processor time of a block."""

    def __enter__(self) -> "_Clock":
        self._start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *exception: object) -> None:
        now = time.perf_counter(), time.process_time()
        self.wall, self.processor = np.subtract(now, self._start)

    def outcome(self, words: int, vectors: WordVectors) -> Outcome:
        """Returns the speed, and the figures of the vectors."""
        return Outcome(words / self.wall, words / self.processor, figures(vectors))


if __name__ == "__main__":
    main()
