"""Records of runs, and the page that they make."""

import dataclasses
import re
from pathlib import Path

import pytest

import zoo
from zoo.errors import RunError
from zoo.results import records
from zoo.results.baselines import baselines
from zoo.results.record import add_elsewhere, make_record
from zoo.results.table import table
from zoo.runs.summary import history, summary

PAGE = Path(__file__).parents[2] / "docs/results.md"


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    for seed in range(3):
        zoo.train("mlp", epochs=2, seed=seed, output=folder / str(seed), jit="off")
    zoo.train("mlp", epochs=3, seed=3, output=folder / "longer", jit="off")
    return folder


def test_the_page_shows_the_records():
    assert PAGE.read_text() == table(records().values(), baselines())


def test_every_record_is_of_a_registered_model():
    for name, record in records().items():
        assert zoo.model_spec(name).task == record.task
        assert record.median.keys() == next(iter(record.metrics.values())).keys()


def test_a_record_holds_each_seed(runs):
    found = [summary(runs / str(seed)) for seed in range(3)]
    record = make_record(found, 123)
    assert record.name == "mlp.iris"
    assert record.command == "zoo train mlp --dataset iris --epochs 2"
    assert record.metrics == {seed: run.metrics for seed, run in enumerate(found)}
    losses = sorted(run.metrics["loss"] for run in found)
    assert record.median["loss"] == losses[1]
    assert "| 123 |" in table([record], {})
    best = [min(history(run.directory)["val_loss"]) for run in found]
    assert record.validation == dict(enumerate(best))
    assert f"| loss {sorted(best)[1]:.4f} |" in table([record], {})


def test_fewer_vector_instructions_make_the_spread(runs):
    found = [summary(runs / str(seed)) for seed in range(3)]
    record = make_record(found, 123)
    assert record.spread is None
    processor = record.device["processor"]
    assert processor.keys() == {"model", "instruction_sets", "limits"}
    limited = dataclasses.replace(
        found[1],
        metrics={**found[1].metrics, "accuracy": found[1].metrics["accuracy"] + 0.02},
        config=found[1].config
        | {
            "device": {"processor": processor | {"limits": {"XLA_FLAGS": "--a"}}},
        },
    )
    record = add_elsewhere(record, [limited])
    assert record.elsewhere == {"XLA_FLAGS=--a": {1: limited.metrics}}
    assert record.spread == pytest.approx(0.02)
    assert "| ± 2.00 % (seed 1) |" in table([record], {})
    with pytest.raises(RunError, match="differ in more than the seed"):
        make_record([found[0], limited], 1)


def test_a_seed_that_is_not_recorded_has_no_spread(runs):
    found = [summary(runs / str(seed)) for seed in range(2)]
    with pytest.raises(RunError, match="record the seed 1 of `zoo train mlp"):
        add_elsewhere(make_record(found[:1], 1), found[1:])


def test_baselines_that_are_better_are_bold(runs):
    record = make_record([summary(runs / "0")], 1)
    accuracy = record.median["accuracy"]
    better, worse = {"a": accuracy + 0.01}, {"a": accuracy - 0.01}
    assert f"| **a {accuracy + 0.01:.2%}".replace("%", " %**") in table(
        [record], {record.name: better}
    )
    assert "**a " not in table([record], {record.name: worse})
    lower = dataclasses.replace(record, task="language_modelling")
    loss = record.median["loss"]
    assert f"**a {loss - 0.01:.4f}**" in table(
        [lower], {record.name: {"a": loss - 0.01}}
    )
    assert "**a " not in table([lower], {record.name: {"a": loss + 0.01}})


def test_a_shorter_training_says_so(runs):
    record = make_record([summary(runs / "0")], 1)
    assert "`mlp.iris` (2 of " in table([record], {})


def test_the_page_is_grouped_by_task():
    head, *sections = PAGE.read_text().split("\n## ")
    titles = [section.partition("\n")[0] for section in sections]
    assert re.findall(r"\[(.*?)\]\(#.*?\)", head) == titles
    by_title = dict(zip(titles, sections, strict=True))
    assert "| `lenet5.mnist` |" in by_title["Classification of images"]
    assert "| `mlp.iris` |" in by_title["Classification of measurements"]
    assert "| `text_cnn.sentence_polarity` |" in by_title["Classification of text"]
    assert "| `vae.mnist` |" in by_title["Generation"]
    rows = sum(section.count("\n| `") for section in sections)
    assert rows == len(records())


def test_the_gap_to_the_literature_is_said():
    head, _, rest = PAGE.read_text().partition("\n## ")
    gap = "91.25 % (He et al., 2016): ours 8.74 points below"
    assert (
        "`resnet20.cifar10` was trained for 16 of the 182 epochs of its recipe, to "
        f"accuracy 82.51 %.\nReported is {gap}.\n"
    ) in head
    assert f"| {gap} |" in rest
    assert "| 0.95 % error (LeCun et al., 1998): ours 0.08 points above |" in rest


def test_the_shipped_figure_stands_beside_the_median():
    (row,) = (
        line
        for line in PAGE.read_text().splitlines()
        if line.startswith("| `lenet5.mnist` |")
    )
    assert "accuracy 99.13 %" in row
    assert row.split(" | ")[3] == "99.16 %"
    not_shipped = table([records()["resnet20"]], {}).splitlines()[-1]
    assert not_shipped.split(" | ")[3] == ""


def test_every_record_has_baselines():
    assert baselines().keys() == records().keys()


def test_runs_of_other_recipes_are_not_mixed(runs):
    with pytest.raises(RunError, match="more than the seed"):
        make_record([summary(runs / "0"), summary(runs / "longer")], 1)


def test_an_unfinished_run_is_not_recorded(runs):
    unfinished = dataclasses.replace(summary(runs / "0"), state="interrupted")
    with pytest.raises(RunError, match="not finished"):
        make_record([unfinished], 1)
