"""Translation: parallel texts, beam search, and what becomes of both."""

import dataclasses
import itertools

import keras
import numpy as np
import pytest

import zoo
from zoo import tasks
from zoo.config import Config
from zoo.datasets.parallel_text import parallel
from zoo.datasets.vocabulary import Vocabulary
from zoo.errors import ArgumentError, DatasetError
from zoo.inference.translation import translate
from zoo.tasks.beam_search import END, LOW, START, Decoder, log_softmax, search
from zoo.tasks.bleu import bleu
from zoo.tasks.seq2seq import decoder_step, encoder
from zoo.tasks.translation import MARKS, text_of
from zoo.training.loading import load_source

PAIRS = [(f"{i} dogs", f"{i} Hunde") for i in range(40)]
TRANSLATORS = ["translator", "transformer_translator"]
TINY = {"vocabulary_size": 12, "source_length": 5, "target_length": 4}
TINY |= {"embedding_size": 8}


def encoded(data, **encoding):
    return tasks.get("translation").encode(data, encoding)


def test_a_file_of_pairs_is_a_dataset(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{source}\t{target}\n" for source, target in PAIRS))
    data = zoo.load_dataset(path)
    assert data.task == "translation"
    assert sum(len(split.x) for split in data.splits.values()) == 40
    assert dict(zip(*data.train, strict=True)).items() <= dict(PAIRS).items()


@pytest.mark.parametrize(
    ("lines", "reading", "message"),
    [
        (["a big dog\tein Hund"] * 40, {}, "one class.*--kind parallel"),
        (["a\tb"] * 40 + ["c"], {}, "line 41: .* --kind parallel"),
        (["a\tb"] * 40, {"kind": "parallel"}, "has 1 different texts to translate"),
    ],
)
def test_a_translator_is_told_how_pairs_are_read(tmp_path, lines, reading, message):
    path = tmp_path / "pairs.tsv"
    path.write_text("\n".join(lines))
    recipe = zoo.model_spec("translator").recipe
    recipe = dataclasses.replace(recipe, dataset=str(path), **reading)
    with pytest.raises(DatasetError, match=message):
        load_source(Config(name="translator", recipe=recipe), "translation")


def test_labels_are_no_translations(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text(
        "".join(f"{source}\t{'ab'[len(source) % 2]}\n" for source, _ in PAIRS)
    )
    assert zoo.load_dataset(path).task == "classification"
    assert zoo.load_dataset(path, kind="parallel").task == "translation"


def test_all_translations_of_a_source_are_in_one_split():
    data = parallel("twice", PAIRS + [(source, "bis") for source, _ in PAIRS])
    parts = [set(split.x) for split in data.splits.values()]
    assert all(a.isdisjoint(b) for a, b in itertools.combinations(parts, 2))
    assert sum(map(len, parts)) == 40


@pytest.mark.parametrize(
    ("pairs", "message"),
    [(PAIRS[:9], "9 pairs; 10 are the least"), ([*PAIRS, ("a", " ")], "of pair 41")],
)
def test_pairs_that_are_none(pairs, message):
    with pytest.raises(DatasetError, match=message):
        parallel("mine", pairs)


def test_dates_of_the_test_are_in_training_in_no_language():
    data = zoo.load_dataset("dates")
    train, test = set(data.train.y), set(data.test.y)
    assert len(train) == len(data.train.y)
    assert train.isdisjoint(test)


def test_the_decoder_reads_what_it_should_write_one_step_earlier():
    data = encoded(parallel("mine", PAIRS), units="words")
    rows, target = data.train
    tokens = data.vocabulary.tokens
    source, before = rows[0, :-3], rows[0, -3:]
    assert [tokens[i] for i in source] in [pair[0].split() for pair in PAIRS]
    assert before.tolist() == [START, *target[0, :2]]
    assert target[0, 2] == END
    short = encoded(parallel("mine", PAIRS), target_length=2, units="words")
    assert short.train.y[:, 1].tolist() == [END] * len(short.train.y)


def whole(name, **options):
    keras.utils.set_random_seed(0)
    return zoo.create_model(name, **TINY, **options)


def begun(step, rows):
    """The states that zeros begin."""
    return {
        key: np.zeros((rows, *tensor.shape[1:]), tensor.dtype)
        for key, tensor in step.input.items()
        if key.startswith("state") or key == "position"
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", TRANSLATORS)
def test_steps_are_the_whole_model(name):
    model = whole(name)
    x = np.random.default_rng(0).integers(1, 12, (3, 9)).astype("int32")
    x[1, 3:5] = 0  # padding of a source
    expected = model.predict(x, verbose=0)
    step, given = decoder_step(model), encoder(model).predict_on_batch(x[:, :5])
    states = begun(step, 3) | given
    for place in range(4):
        answer = step.predict_on_batch({**states, "token": x[:, 5 + place]})
        np.testing.assert_allclose(answer["logits"], expected[:, place], atol=1e-5)
        states |= {
            key: answer[f"next_{key}"] for key in states if f"next_{key}" in answer
        }


@pytest.mark.slow
@pytest.mark.parametrize("name", TRANSLATORS)
def test_padding_of_a_source_has_no_effect(name):
    model = whole(name)
    source = np.array([[3, 4, 5]])
    short, long = (
        encoder(model).predict_on_batch(np.pad(source, ((0, 0), (0, more))))
        for more in (0, 4)
    )
    np.testing.assert_allclose(long["encoded"][:, :3], short["encoded"], atol=1e-6)
    step = decoder_step(model)
    states = begun(step, 1)
    found = [
        step.predict_on_batch({**states, **each, "token": np.array([START])})["logits"]
        for each in (short, long)
    ]
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)


class Memory:
    """A decoder whose logits depend on all tokens before, at random."""

    size, length = 6, 4

    def decoder(self):
        return Decoder(
            lambda source: {"encoded": source},
            self.step,
            lambda rows: {"state_0": np.zeros((rows, 1), "int64")},
            self.length,
        )

    def step(self, inputs):
        states = inputs["state_0"] * self.size + inputs["token"][:, None]
        keys = inputs["encoded"][:, 0] * 10**6 + states[:, 0]
        logits = [np.random.default_rng(key).normal(size=self.size) * 2 for key in keys]
        return {"logits": np.array(logits), "next_state_0": states}

    def best(self, row):
        """The mean log-probability of every translation, by enumeration."""
        means = {}

        def write(ids, state, token, total):
            inputs = {"state_0": state, "token": token, "encoded": np.array([[row]])}
            answer = self.step(inputs)
            logits = answer["logits"][0]
            logits[:END] = LOW
            for k, value in enumerate(log_softmax(logits)):
                if k < END:
                    continue
                written = (*ids, k)
                if k == END or len(written) == self.length:
                    means[written] = (total + value) / len(written)
                else:
                    state_k = answer["next_state_0"]
                    write(written, state_k, np.array([k]), total + value)

        write((), np.zeros((1, 1), "int64"), np.array([START]), 0.0)
        return means


def test_a_beam_that_holds_everything_finds_the_best_translation():
    memory, source = Memory(), np.arange(8)[:, None]
    found = search(memory.decoder(), source, width=81)
    for row, (ids, score) in enumerate(zip(*found, strict=True)):
        means = memory.best(row)
        best = max(means, key=means.get)
        assert tuple(ids[ids > 0]) == best
        assert score == pytest.approx(means[best])


def test_a_wider_beam_finds_more_probable_translations():
    memory, source = Memory(), np.arange(200)[:, None]
    narrow, wide = (
        search(memory.decoder(), source, width=width).scores for width in (1, 3)
    )
    assert wide.mean() > narrow.mean() + 0.01


def test_samples_follow_the_distribution():
    memory = Memory()
    source = np.zeros((20_000, 1), "int64")
    uniforms = np.random.default_rng(0).random((20_000, 1, memory.length))
    found = search(memory.decoder(), source, 1, 1.0, uniforms)
    means = memory.best(0)
    for written, mean in means.items():
        row = np.pad(written, (0, memory.length - len(written)))
        share = (found.ids == row).all(axis=1).mean()
        assert share == pytest.approx(np.exp(mean * len(written)), abs=0.015)


def test_bleu_is_sacrebleus():
    pytest.importorskip("sacrebleu")
    assert bleu(["the cat sat on the mat"] * 2, ["the cat sat on the mat"] * 2,
                by_characters=False)["bleu"] == pytest.approx(100)  # fmt: skip
    # The precisions of one to four words; as long as the reference.
    found = bleu(
        ["the cat sat on a mat"], ["the cat sat on the mat"], by_characters=False
    )
    expected = 100 * np.prod([5 / 6, 3 / 5, 2 / 4, 1 / 3]) ** 0.25
    assert found["bleu"] == pytest.approx(expected)


def test_text_ends_where_the_translation_does():
    letters = Vocabulary(("", "[UNK]", *MARKS, "a", "b"))
    assert text_of(letters, [4, 5, END, 4]) == "ab"


@pytest.mark.parametrize(
    "wrong", [{"beam_width": 0}, {"beam_width": 11}, {"temperature": -1.0}]
)
def test_numbers_out_of_range(wrong):
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        translate("mlp.iris", ["a"], **wrong)


@pytest.mark.slow
def test_what_a_translator_does_not_read_is_said(capsys):
    with pytest.raises(ArgumentError, match="nothing to translate in ''"):
        translate("translator.dates", ["1 May 2001", ""])
    long = "1 May 2001" + " " * 40
    assert len(translate("translator.dates", ["20 July 1969", "\u2603", long])) == 3
    assert capsys.readouterr().err.splitlines() == [
        "'\u2603': the model does not know '\u2603'.",
        f"{long!r} has 50 tokens; the model reads the first 27.",
    ]


def test_a_classifier_does_not_translate():
    with pytest.raises(ArgumentError, match=r"'mlp.iris' is for classification"):
        translate("mlp.iris", ["a"])


@pytest.mark.slow
def test_a_trained_translator_translates(tmp_path):
    names = (
        ["dog", "cat", "cow", "hen", "fox"],
        ["Hund", "Katze", "Kuh", "Huhn", "Fuchs"],
    )
    pairs = [
        (f"{i} {source} and {j}", f"{j} und {i} {target}")
        for source, target in zip(*names, strict=True)
        for i in range(9)
        for j in range(9)
    ]
    run = zoo.train(
        "translator",
        dataset=parallel("dogs", pairs),
        epochs=40,
        batch_size=16,
        learning_rate=5e-3,
        output=tmp_path / "run",
        jit="off",
    )
    assert run.metrics["exact_match"] > 0.5
    assert translate(run, ["7 dog and 3"], beam_width=3) == ["3 und 7 hund"]
