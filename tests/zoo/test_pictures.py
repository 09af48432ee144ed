"""Pictures, by what they contain: titles, axes, texts, and the data that is drawn."""

import logging
import string

import keras
import numpy as np
import pytest
from matplotlib.contour import QuadContourSet

import custom_layers
import zoo
from tests.zoo.subjects import HISTORY, RECIPE, classified, make_subject, texts_of
from zoo import tasks
from zoo.datasets import Split
from zoo.datasets.dataset import Dataset
from zoo.datasets.vocabulary import Vocabulary
from zoo.reports import overview
from zoo.reports.drawing import new_figure, plane, png, style
from zoo.reports.labels import label
from zoo.reports.pictures import (
    attention,
    boundary,
    confusion,
    curves,
    embeddings,
    filters,
    forecasts,
    gates,
    latent,
    line,
    mistakes,
    pictures,
    reconstructions,
)
from zoo.runs.summary import history


@pytest.fixture(autouse=True)
def drawing_style():
    with style():
        yield


def xor(**options):
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
    split = Split(x, np.array(options.get("y", [0, 1, 1, 0])))
    return Dataset("xor", split, split, split, ("0", "1"))


class Function:
    """What a picture needs of a model: predictions."""

    def __init__(self, function):
        self.function = function

    def predict(self, x, **_):
        return np.asarray(self.function(x))


def test_every_picture_says_how_to_read_it_in_one_sentence():
    for picture in pictures():
        assert picture.READING.endswith(".")
        assert ". " not in picture.READING
        assert len(picture.READING.split()) > 15, picture
        assert picture.TITLE not in picture.READING


# Curves.


def test_curves_mark_the_gap_at_the_kept_epoch_and_whole_epochs_only(tmp_path):
    figure = curves.draw(make_subject(tmp_path, xor()))
    figure.draw_without_rendering()
    assert figure.get_suptitle() == "Training curves\nmlp on xor"
    accuracy, loss = figure.axes
    assert [axes.get_ylabel() for axes in figure.axes] == ["accuracy", "loss"]
    assert loss.get_xlabel() == "epoch"
    for axes, name in ((accuracy, "accuracy"), (loss, "loss")):
        train, validation, kept = axes.lines
        np.testing.assert_array_equal(train.get_xdata(), [1, 2, 3])
        np.testing.assert_array_equal(train.get_ydata(), HISTORY[name])
        np.testing.assert_array_equal(validation.get_ydata(), HISTORY[f"val_{name}"])
        assert kept.get_xdata()[0] == 2
        (gap,) = axes.collections
        assert gap.get_datalim(axes.transData).y0 == min(
            *HISTORY[name], *HISTORY[f"val_{name}"]
        )
    assert accuracy.get_title("right") == "validation 0.2 below training at epoch 2"
    assert loss.get_title("right") == "validation 0.25 above training at epoch 2"


@pytest.mark.parametrize("epochs", [1, 2, 7, 60])
def test_ticks_are_epochs_that_there_were(tmp_path, epochs):
    history = {name: [0.5] * epochs for name in ("loss", "val_loss")}
    subject = make_subject(tmp_path, xor(), history=history, monitor="val_loss")
    (axes,) = curves.draw(subject).axes
    low, high = axes.get_xlim()
    ticks = [tick for tick in axes.get_xticks() if low <= tick <= high]
    assert ticks
    assert all(tick == int(tick) and 1 <= tick <= epochs for tick in ticks)


def test_a_metric_that_repeats_another_has_no_panel(tmp_path):
    history = HISTORY | {"mse": [1.0002, 0.5, 0.25], "val_mse": HISTORY["val_loss"]}
    figure = curves.draw(make_subject(tmp_path, xor(), history=history))
    assert [axes.get_ylabel() for axes in figure.axes] == ["accuracy", "loss"]


def test_of_equally_good_epochs_the_later_one_was_kept(tmp_path):
    history = HISTORY | {"val_accuracy": [0.7, 0.7, 0.6]}
    assert make_subject(tmp_path, xor(), history=history).kept == 2


def test_curves_side_by_side_have_one_scale(tmp_path):
    steep = HISTORY | {"loss": [9.0, 4.0, 1.0]}
    figures = [
        curves.draw(make_subject(tmp_path, xor(), history=each))
        for each in (HISTORY, steep)
    ]
    curves.align(figures)
    limits = {figure.axes[1].get_ylim() for figure in figures}
    assert len(limits) == 1
    assert limits.pop()[1] >= 9
    assert figures[0].axes[0].get_ylim() != figures[0].axes[1].get_ylim()


# Classifiers.


def test_a_confusion_matrix_names_its_axes_and_counts(tmp_path):
    data = classified(["cat", "dog"], shape=(4,), count=3)
    outputs = np.eye(2)[data.test.y]
    outputs[0] = [0, 1]
    figure = confusion.draw(make_subject(tmp_path, data, outputs=outputs))
    axes, bar = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    assert bar.get_ylabel() == "fraction of the true class"
    counts = {(t.get_position()[::-1], t.get_text()) for t in axes.texts}
    assert ((0, 1), "1") in counts
    assert ((1, 1), "3") in counts


def test_of_many_classes_those_with_errors_are_shown(tmp_path):
    names = [f"class {i}" for i in range(50)]
    data = classified(names, shape=(4,))
    outputs = np.eye(50)[data.test.y]
    outputs[49] = np.eye(50)[31]  # a 49 taken for a 31
    figure = confusion.draw(make_subject(tmp_path, data, outputs=outputs))
    ticks = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert len(ticks) == confusion.MOST_CLASSES
    assert {"class 31", "class 49"} <= {*ticks}
    assert "the 20 of 50 classes with the most errors" in figure.get_suptitle()


def test_a_mistake_says_what_was_predicted_how_surely_and_what_is_true(tmp_path):
    data = classified(["cat", "dog", "cow"])
    outputs = 9.0 * np.eye(3)[data.test.y]
    outputs[0] = np.log([0.25, 0.7, 0.05])
    figure = mistakes.draw(make_subject(tmp_path, data, outputs=outputs))
    assert "1 of 12 are wrong" in figure.get_suptitle()
    axes = figure.axes[0]
    assert axes.get_title() == "says dog, 70%\ntrue: cat"
    np.testing.assert_array_equal(axes.images[0].get_array(), data.test.x[0, ..., 0])


def test_a_mistake_about_a_text_shows_its_words(tmp_path):
    data = classified(
        ["neg", "pos"],
        shape=(4,),
        vocabulary=Vocabulary(("", "[UNK]", "a", "fine", "film")),
    )
    x = np.array([[2, 3, 4, 0]] * len(data.test.y), "int32")
    data = zoo.Dataset(**vars(data) | {"test": Split(x, data.test.y)})
    outputs = 9.0 * np.eye(2)[data.test.y]
    outputs[0] = np.log([0.1, 0.9])
    texts = texts_of(mistakes.draw(make_subject(tmp_path, data, outputs=outputs)))
    assert {"a fine film", "pos 90%", "neg 10%", "probability"} <= {*texts}


def test_a_score_that_is_no_probability_is_not_shown_as_one(tmp_path):
    data = classified(["cat", "dog"])
    outputs = np.eye(2)[1 - data.test.y]
    recipe = RECIPE | {"loss": ["SparsePerceptronCriterion", {}]}
    subject = make_subject(tmp_path, data, outputs=outputs, recipe=recipe)
    assert mistakes.draw(subject).axes[0].get_title() == "says dog\ntrue: cat"
    assert (
        mistakes.draw(
            make_subject(tmp_path, xor(), outputs=np.eye(2)[[1] * 4], recipe=recipe)
        )
        is None
    )


def test_a_boundary_names_features_and_rings_what_is_wrong(tmp_path):
    model = Function(lambda x: np.stack([x[:, 0] * 0, x[:, 0] ** 2 - 0.3], axis=1))
    data = xor()
    subject = make_subject(
        tmp_path, data, model=model, outputs=model.predict(data.test.x)
    )
    figure = boundary.draw(subject)
    (axes,) = figure.axes
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("feature 1", "feature 2")
    assert any(isinstance(each, QuadContourSet) for each in axes.collections)
    wrong = axes.collections[-1].get_offsets()
    np.testing.assert_array_equal(wrong, [[0, 1], [1, 1]])
    assert "no line" not in figure.get_suptitle()


def test_where_no_line_exists_the_boundary_says_so_and_has_no_flat_field(tmp_path):
    model = Function(lambda x: np.stack([x[:, 0] * 0, x[:, 0] * 0 + 1], axis=1))
    data = xor()
    subject = make_subject(
        tmp_path, data, model=model, outputs=model.predict(data.test.x)
    )
    figure = boundary.draw(subject)
    (axes,) = figure.axes
    assert "no line separates these classes" in figure.get_suptitle()
    assert axes.get_title() == "no boundary: 1 is predicted everywhere"
    assert not any(isinstance(each, QuadContourSet) for each in axes.collections)


def test_the_line_of_a_perceptron_is_that_of_its_weights(tmp_path):
    rule = {
        "optimizer": ["PerceptronRule", {"learning_rate": 1.0}],
        "loss": ["SparsePerceptronCriterion", {}],
        "batch_size": 1,
        "seed": 0,
    }
    data = xor(y=[0, 0, 0, 1])
    history = {"loss": [0.0] * 20}
    weights = line.replay(data.train.x, np.array([-1, -1, -1, 1]), 20, rule)
    model = zoo.create_model("perceptron")
    kernel = np.stack([-weights[-1][:2], weights[-1][:2]], axis=1)
    model.set_weights([kernel, np.array([-1, 1]) * weights[-1][2]])
    subject = make_subject(tmp_path, data, model=model, history=history, recipe=rule)
    figure = line.draw(subject)
    titles = [axes.get_title() for axes in figure.axes]
    assert len(titles) == 9
    assert titles[-1] == "epoch 20: 0 wrong"
    (drawn,) = figure.axes[-1].lines
    for point in (drawn.get_xy1(), drawn.get_xy2()):
        assert abs(weights[-1] @ [*point, 1]) < 1e-6
    assert "no line" not in figure.get_suptitle()
    model.set_weights([kernel + 0.5, np.array([-1, 1]) * weights[-1][2]])
    assert line.draw(subject) is None  # a line that training did not find


# Series and sequences.


def test_a_forecast_stands_beside_what_came(tmp_path):
    generator = np.random.default_rng(0)
    split = Split(generator.normal(size=(5, 12, 1)), generator.normal(size=(5, 3)))
    data = Dataset("series", split, split, split, (), task="forecasting")
    shift = np.array([0.2, 0.5, 0.1, 0.9, 0.3])[:, None]
    subject = make_subject(tmp_path, data, outputs=split.y + shift)
    figure = forecasts.draw(subject)
    titles = [axes.get_title().partition(" error ") for axes in figure.axes]
    assert [t[0].partition(":")[0] for t in titles] == ["best", "median", "worst"]
    assert [float(t[2]) for t in titles] == [0.1, 0.3, 0.9]
    past, came, forecast = figure.axes[-1].lines[:3]
    np.testing.assert_allclose(past.get_ydata(), split.x[3, -9:, 0])
    np.testing.assert_allclose(came.get_ydata(), split.y[3])
    np.testing.assert_allclose(forecast.get_ydata(), split.y[3] + 0.9, rtol=1e-5)
    np.testing.assert_array_equal(forecast.get_xdata(), [1, 2, 3])
    assert figure.axes[-1].get_xlabel() == "steps after the last value that is read"


def numpy_lstm(x, kernel, recurrent, bias, gates):
    """The last state, from the gates and the candidate of each step."""
    h = c = np.zeros(recurrent.shape[0])
    for t, step in enumerate(x):
        z = step @ kernel + h @ recurrent + bias
        g = np.tanh(np.split(z, 4)[2])
        c = gates["forget"][t] * c + gates["input"][t] * g
        h = gates["output"][t] * np.tanh(c)
    return h


@pytest.mark.parametrize("go_backwards", [False, True])
def test_the_gates_of_an_lstm_give_its_state(go_backwards):
    options = {"bias_initializer": "ones", "go_backwards": go_backwards}
    layer = custom_layers.LSTM(3, **options)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    expected = np.asarray(layer(x[None]))[0]
    found = gates.open_gates(layer, x)
    assert list(found) == ["input", "forget", "output"]
    weights = (np.asarray(w) for w in layer.get_weights())
    if go_backwards:  # a column stands over its step of the sequence
        x, found = x[::-1], {name: values[::-1] for name, values in found.items()}
    np.testing.assert_allclose(numpy_lstm(x, *weights, found), expected, atol=1e-5)


@pytest.mark.parametrize("reset_after", [True, False])
def test_the_gates_of_a_gru_give_its_state(reset_after):
    layer = custom_layers.GRU(3, reset_after=reset_after, bias_initializer="ones")
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    expected = np.asarray(layer(x[None]))[0]
    found = gates.open_gates(layer, x)
    assert list(found) == ["update", "reset"]
    kernel, recurrent, bias = (np.asarray(w)[..., 6:] for w in layer.get_weights())
    own, other = bias if reset_after else (bias, 0)
    h = np.zeros(3)
    for t, step in enumerate(x):
        r, z = found["reset"][t], found["update"][t]
        inner = r * (h @ recurrent + other) if reset_after else (r * h) @ recurrent
        n = np.tanh(step @ kernel + own + inner)
        h = z * h + (1 - z) * n
    np.testing.assert_allclose(h, expected, atol=1e-5)


def sentences():
    vocabulary = Vocabulary(("", "[UNK]", "a", "dull", "film", "."))
    x = np.array([[2, 3, 4, 5, 0, 0], [2, 4, 5, 0, 0, 0]], "int32")
    split = Split(x, np.array([0, 1]))
    return Dataset("films", split, split, split, ("neg", "pos"), vocabulary=vocabulary)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_gates_of_a_text_stand_over_its_tokens(tmp_path, bidirectional):
    cell = {"cell": "gru", "units": 3, "bidirectional": bidirectional}
    model = zoo.create_model("text_rnn", vocabulary_size=6, **cell)
    figure = gates.draw(make_subject(tmp_path, sentences(), model=model))
    update, reset, bar = figure.axes
    assert [axes.get_title() for axes in (update, reset)] == [
        "update gate",
        "reset gate",
    ]
    assert [t.get_text() for t in reset.get_xticklabels()] == ["a", "dull", "film", "."]
    assert (reset.get_xlabel(), reset.get_ylabel()) == ("token", "unit")
    assert bar.get_ylabel() == "0: closed, 1: open"
    values = update.images[0].get_array()
    assert values.shape == (3, 4)
    assert update.images[0].get_clim() == (0, 1)


def attending(layer):
    tokens = keras.Input((None,), dtype="int32")
    x = custom_layers.Embedding(6, 8)(tokens)
    x = custom_layers.GlobalMaxPooling1D()(layer(x))
    return keras.Model(tokens, custom_layers.Dense(2)(x))


@pytest.mark.parametrize("kind", ["custom", "keras", "encoder"])
def test_attention_maps_are_the_weights_of_the_layer(tmp_path, kind):
    if kind == "encoder":
        block = custom_layers.TransformerEncoder(16, num_heads=2)
        model = attending(block)
        inner = block._self_attention_layer
    else:
        package = custom_layers if kind == "custom" else keras.layers
        inner = package.MultiHeadAttention(2, 4)
        model = attending(lambda x: inner(x, x))
    subject = make_subject(tmp_path, sentences(), model=model)
    x = subject.data.test.x[:1]
    before = np.asarray(model(x))
    figure = attention.draw(subject)
    assert "call" not in vars(inner)
    np.testing.assert_array_equal(np.asarray(model(x)), before)
    first, second, bar = figure.axes
    assert [first.get_title(), second.get_title()] == ["head 1", "head 2"]
    assert [t.get_text() for t in first.get_yticklabels()] == ["a", "dull", "film", "."]
    assert bar.get_ylabel() == "attention weight"
    embedded = model.layers[1](x[:, :4])
    _, scores = inner(embedded, embedded, return_attention_scores=True)
    for axes, expected in zip((first, second), np.asarray(scores)[0], strict=True):
        found = axes.images[0].get_array()
        np.testing.assert_allclose(found, expected, atol=1e-5)
        np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


# Images, codes, embeddings.


def test_a_denoising_autoencoder_shows_clean_noisy_and_output(tmp_path):
    data = tasks.get("reconstruction").encode(zoo.load_dataset("digits"), {})
    model = zoo.create_model(
        "denoising_autoencoder", maximum=16.0, hidden_units=(4,), code_units=2
    )
    subject = make_subject(tmp_path, data, model=model)
    rows = reconstructions.images(subject)
    assert list(rows) == ["clean", "noisy input", "output"]
    np.testing.assert_array_equal(rows["clean"], data.test.y[: len(rows["clean"])])
    noise = rows["noisy input"] - rows["clean"]
    assert 0.4 < noise.std() < 0.6
    layers = [la for la in model.layers if isinstance(la, custom_layers.GaussianNoise)]
    decoder = keras.Model(layers[0].output, model.output)
    flat = rows["noisy input"].reshape(len(noise), -1)
    np.testing.assert_allclose(rows["output"], np.asarray(decoder(flat)), atol=1e-5)
    figure = reconstructions.draw(subject)
    names = [axes.get_ylabel() for axes in figure.axes if axes.get_ylabel()]
    assert names == ["clean", "noisy input", "output"]


def test_filters_have_signed_colours_that_are_white_at_zero(tmp_path):
    data = classified(["a", "b"])
    model = zoo.create_model("corner_cnn", input_shape=(6, 6, 1))
    kernel = np.asarray(model.layers[1].kernel)
    figure = filters.draw(make_subject(tmp_path, data, model=model))
    shown = [axes.images[0] for axes in figure.axes if axes.images]
    assert len(shown) == kernel.shape[-1]
    for k, image in enumerate(shown):
        low, high = image.get_clim()
        assert low == -high == pytest.approx(-np.abs(kernel).max())
        np.testing.assert_array_equal(image.get_array(), kernel[:, :, 0, k])
    red, green, blue, _ = shown[0].cmap(0.5)
    assert min(red, green, blue) > 0.95
    assert shown[0].cmap(1.0)[0] > shown[0].cmap(1.0)[2]  # red above zero


def test_the_plane_of_codes_of_one_number():
    points, shares = plane(np.array([[1.0], [3.0]]))
    np.testing.assert_allclose(np.abs(points), [[1, 0], [1, 0]])
    np.testing.assert_allclose(shares, [1, 0])


def test_codes_are_coloured_by_class_on_named_axes(tmp_path):
    data = classified(["a", "_b"], shape=(4,))
    inputs = keras.Input((4,))
    model = keras.Model(inputs, custom_layers.Dense(1, name="code")(inputs))
    figure = latent.draw(make_subject(tmp_path, data, model=model))
    (axes,) = figure.axes
    assert axes.get_xlabel() == "first principal component (100% of the variance)"
    (legend,) = figure.legends
    assert [t.get_text() for t in legend.get_texts()] == ["a", "_b"]
    assert [len(c.get_offsets()) for c in axes.collections] == [4, 4]


def test_the_word_map_leaves_out_punctuation_and_covers_no_name(tmp_path):
    words = [a + b for a in string.ascii_lowercase[:10] for b in "xyz"]
    vocabulary = Vocabulary(("", "[UNK]", ".", ",", "$", *words))
    data = Dataset(**vars(sentences()) | {"vocabulary": vocabulary})
    tokens = keras.Input((None,), dtype="int32")
    layer = custom_layers.Embedding(len(vocabulary), 3)
    model = keras.Model(tokens, layer(tokens))
    figure = embeddings.draw(make_subject(tmp_path, data, model=model))
    names = [text.get_text() for text in figure.axes[0].texts]
    assert names
    assert {*names} <= {*words}
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    (dots,) = figure.axes[0].collections
    assert len(dots.get_offsets()) == len(words)


# Text that comes from data.

ODD = [
    *("a$b", r"$\frac$", "$$", "_x", "line\nbreak", "tab\there", "long " * 60),
    *("猫", "ねこ", "มาก", "Ελλάδα", "кошка", r"\alpha", "<b>&", "", "\x00", "%s {0}"),
]


@pytest.mark.parametrize("shape", [(6, 6, 1), (2,)])
def test_no_label_is_too_odd_for_a_picture(tmp_path, shape):
    data = classified(ODD, shape, name="/data/ta$b$le_猫\n.csv")
    outputs = np.random.default_rng(0).normal(size=(len(data.test.y), len(ODD)))
    model = Function(lambda x: np.tile(x[:, :1], len(ODD)) + np.arange(len(ODD)) * x)
    if shape == (2,):
        weights = np.random.default_rng(1).normal(size=(2, len(ODD)))
        model = Function(lambda x: x @ weights)
    history = {"a$_$b": [1.0], "val_a$_$b": [1.0]}
    subject = make_subject(
        *(tmp_path, data),
        **{"model": model, "outputs": outputs, "history": history},
        monitor="val_a$_$b",
    )
    with style(subject.texts):
        for picture in (curves, confusion, mistakes, boundary):
            figure = picture.draw(subject)
            if figure is not None:
                assert png(figure)[:4] == b"\x89PNG"
                assert "ta$b$le_" in figure.get_suptitle()
    assert boundary.draw(subject) is None or shape == (2,)


def test_a_label_is_cut_and_keeps_its_dollars():
    assert label("$a_b$") == "$a_b$"
    assert label("x" * 50, 10) == "x" * 9 + "…"
    assert label("a\nb") == r"a\nb"
    assert label("") == "(empty)"
    with style():
        text = new_figure("title", label("$x_1$"), 1)._suptitle
        assert text.get_parse_math() is False


def test_what_the_usual_font_lacks_is_drawn_by_another_or_written_out():
    of_stix, of_none = "\u1d81", "\U00013000"  # STIX comes with matplotlib, too
    with style():
        assert label(of_stix) == r"\u1d81"
    with style([of_stix + of_none]):
        assert label(of_stix) == of_stix
        assert label(of_none) == r"\U00013000"
        figure = new_figure(label(of_stix + of_none), "", 1)
        assert png(figure)[:4] == b"\x89PNG"  # a missing glyph would warn


def test_matplotlib_does_not_speak_of_its_fonts_and_caches():
    log = logging.getLogger("matplotlib.font_manager")
    assert not log.isEnabledFor(logging.WARNING)


def test_a_linear_model_of_three_classes_may_draw_more_than_one_line(tmp_path):
    data = classified(["a", "b", "c"], (2,))
    model = Function(lambda x: x @ np.array([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]))
    outputs = model.predict(data.test.x)
    subject = make_subject(tmp_path, data, model=model, outputs=outputs)
    assert "no line" not in boundary.draw(subject).get_suptitle()


def test_the_picture_of_the_quickstart_shows_curves_and_errors_first(tmp_path):
    data = classified(["cat", "$\\frac$"])
    outputs = np.eye(2)[data.test.y]
    outputs[3] = [1, 0]
    figure = overview.draw(make_subject(tmp_path, data, outputs=outputs), 0.875)
    assert figure.get_suptitle() == "mlp on toy\ntest accuracy 87.50%"
    above, below = (part.axes for part in figure.subfigs)
    assert [axes.get_ylabel() for axes in above] == ["loss", "accuracy"]
    first, second = below[:2]
    assert (first.get_title(), first.title.get_color()) == (
        "says cat\ntrue: $\\frac$",
        "crimson",
    )
    assert (second.get_title(), second.title.get_color()) == (
        "says cat\ntrue: cat",
        "black",
    )
    assert png(figure)[:4] == b"\x89PNG"


def test_an_epoch_without_a_metric_leaves_a_gap_in_its_curve(tmp_path):
    lines = ["epoch,loss,val_loss", "1,3.0,4.0", "2,2.0,", "3,1.0,2.0"]
    (tmp_path / "history.csv").write_text("\n".join(lines))
    found = history(tmp_path)
    subject = make_subject(
        tmp_path, xor(), history=found, monitor="val_loss", mode="min"
    )
    assert subject.kept == 3
    train, validation, _ = curves.draw(subject).axes[0].lines
    np.testing.assert_array_equal(train.get_ydata(), [3, 2, 1])
    np.testing.assert_array_equal(validation.get_ydata(), [4, np.nan, 2])
