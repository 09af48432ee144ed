"""Runs side by side: which one generalizes, what differs, and why."""

import numpy as np
import pytest

import zoo
from tests.zoo.pages import Elements
from tests.zoo.subjects import HISTORY, RECIPE, classified, make_subject
from zoo.reports import comparison
from zoo.reports.drawing import style
from zoo.reports.pictures import pictures
from zoo.reports.subject import Subject


def corner(folder, name, accuracy):
    """A corner detector with the weights that ship."""
    return make_subject(
        folder / name,
        zoo.load_dataset("corners"),
        model=zoo.create_model(f"{name}.corners", pretrained=True),
        metrics={"accuracy": accuracy, "loss": 0.5},
        history=HISTORY | {"accuracy": [1.0] * 3, "val_accuracy": [1.0] * 3},
        name=name,
        command=f"/bin/zoo train {name}",
    )


@pytest.fixture(scope="module")
def corners(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corners")
    return [corner(folder, "corner_cnn", 1.0), corner(folder, "corner_mlp", 0.32)]


@pytest.fixture(scope="module")
def page(corners, tmp_path_factory):
    subjects = {subject.directory: subject for subject in corners}
    output = tmp_path_factory.mktemp("page") / "corners.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Subject, "of", lambda run, data_dir: subjects[run])
        assert zoo.report(*subjects, output=output) == output
    return Elements(output.read_text())


def test_the_page_says_which_one_generalizes(page):
    assert page.texts("h1") == ["corner_cnn beside corner_mlp"]
    assert page.texts("li") == [
        "corner_cnn generalizes: training 100.0%, validation 100.0%, test 100.0%",
        "corner_mlp does not generalize: training 100.0%, validation 100.0%, "
        "test 32.0%",
    ]


def test_the_page_says_why(page):
    cells = page.texts("td")
    assert any("One convolution of 2 x 2 kernels" in cell for cell in cells)
    assert any("without weight sharing" in cell for cell in cells)
    assert any("a convolution, which shares weights" in cell for cell in cells)


def test_pictures_stand_in_columns(page):
    captions = page.texts("figcaption")
    alone = [t for t in page.texts("p") if t.endswith(": nothing to show")]
    assert alone == ["corner_cnn: nothing to show"]  # it makes no mistakes
    titles = [p.TITLE for p in pictures() if p.TITLE in page.texts("h3")]
    assert titles == page.texts("h3")
    assert len(captions) == 2 * len(titles) - 1
    assert captions[:2] == ["corner_cnn", "corner_mlp"]
    for title, following in page.after("h2"):
        assert following == "p", f"{title} is not explained"
    assert page.texts("code") == ["zoo train corner_cnn\nzoo train corner_mlp"]


def test_bars_are_the_metric_on_the_three_splits():
    values = {"a": (1.0, 0.75, 0.5), "$b$": (0.25, 0.5, 0.125)}
    with style():
        figure = comparison.draw_splits(values, "accuracy")
    (axes,) = figure.axes
    heights = [[bar.get_height() for bar in group] for group in axes.containers]
    np.testing.assert_allclose(np.transpose(heights), list(values.values()))
    assert [t.get_text() for t in axes.get_xticklabels()] == ["a", "$b$"]
    (legend,) = figure.legends
    names = [t.get_text() for t in legend.get_texts()]
    assert names == ["training", "validation", "test"]


def test_curves_of_all_runs_lie_over_each_other():
    slow = HISTORY | {"val_loss": [3.0, 2.0, 1.0]}
    histories = {"fast": HISTORY, "slow": slow}
    with style():
        figure = comparison.draw_progress(histories, ["accuracy", "loss"])
    assert [axes.get_ylabel() for axes in figure.axes] == ["accuracy", "loss"]
    assert figure.axes[-1].get_xlabel() == "epoch"
    for line, history in zip(
        figure.axes[-1].lines[::2], histories.values(), strict=True
    ):
        np.testing.assert_array_equal(line.get_ydata(), history["val_loss"])
    (legend,) = figure.legends
    assert [t.get_text() for t in legend.get_texts()] == ["fast", "slow"]


def test_runs_of_one_model_are_told_apart_by_what_differs(tmp_path):
    data = zoo.load_dataset("iris")
    model = zoo.create_model("mlp")

    def trained(folder, **recipe):
        folder = tmp_path / folder
        return make_subject(folder, data, model=model, recipe=RECIPE | recipe)

    sgd, adam = ["SGD", {"learning_rate": 0.1}], ["Adam", {"learning_rate": 0.1}]
    subjects = [trained("1", optimizer=sgd), trained("2", optimizer=adam)]
    assert comparison.distinct(subjects) == [
        "mlp, SGD (learning_rate 0.1)",
        "mlp, Adam (learning_rate 0.1)",
    ]
    assert comparison.distinct([trained("1"), trained("2")]) == ["mlp (1)", "mlp (2)"]


def test_what_differs_is_what_is_not_the_same_in_all():
    columns = [{"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"}]
    assert comparison._differing(columns) == {"b": ["2", "3"], "c": ["", "4"]}


def test_metrics_are_shared_only_within_a_task(tmp_path):
    data = classified(["a", "b"])
    metrics = {"accuracy": 0.5}
    one = make_subject(tmp_path / "1", data, metrics=metrics | {"loss": 1.0})
    two = make_subject(tmp_path / "2", data, metrics=metrics)
    other = make_subject(tmp_path / "3", data, metrics=metrics, task="tagging")
    assert comparison.shared_metrics([one, one]) == ["accuracy", "loss"]
    assert comparison.shared_metrics([one, two]) == ["accuracy"]
    assert comparison.shared_metrics([one, other]) == []


def test_a_score_is_that_of_the_weights_that_were_kept(tmp_path):
    data = classified(["a", "b"])
    subject = make_subject(tmp_path / "run", data, metrics={"accuracy": 0.5})
    assert comparison.scores(subject, "accuracy") == (0.9, 0.7, 0.5)
