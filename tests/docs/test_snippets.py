"""What README and docs print works as it is printed, in a fresh directory."""

import re

import pytest

from tests.docs.snippets import PAGES, Walk, snippets

pytestmark = pytest.mark.independent

CHEAP = "docs/install.md"  # loads no TensorFlow
# What a page must have said at its end, in this order.
SAID = {
    "README.md": [
        *("lenet5.mnist", r"seven\.png\t7\t", r"large-seven\.png\t7\t"),
        *(r"fruit\.csv row 1\t", "accuracy", r"report\.html"),
        "published models/text_cnn/1",
        *(r'"label":"pos"', r'"label":"neg"', r"\[\d \d \d\]"),
    ],
    "docs/compression.md": [
        *("1 pictures in", r"seven/seven\.png", r'"bits_per_pixel"'),
    ],
    "docs/data.md": [
        *("speech_cnn", r"up_ann_00\.wav\tup", "micro_f1", r"labels\tbuilt"),
        *("'weight' and 'diameter' are quantities", "linear_regression"),
        *("horizon", "mase"),
    ],
    "docs/deploying.md": [
        *("published models/mlp.iris/1", "image/Dockerfile", "compose/compose.yaml"),
        *("kubernetes/deployment.yaml", "kserve/mlp-iris-.*yaml", "ray/serve.yaml"),
    ],
    "docs/evaluation.md": [
        *("baseline: accuracy", "virginica", "calibration", "between folds"),
        *("balanced_accuracy", "balanced_accuracy"),
    ],
    "docs/explaining.md": [
        *("logit of 7", r"why/explanation\.html", r"why/explanation\.html"),
        *("7 0.0", "vanishing", r"pictures/show\.html"),
    ],
    "docs/generating.md": [r"samples\.png", r"report\.html", r"\(4, 8, 8, 1\)"],
    "docs/export.md": [
        *("published models/mlp.iris/1", "published models/flowers/1"),
        *("two_heads", r"class \[7\]"),
        *(r"int8 +dynamic", r"int8 +static", "float16"),
    ],
    "docs/install.md": [r"\d+\.\d+\.\d+", r"lenet5\.digits"],
    "docs/onnx.md": ["no operator for StaticRegexReplace, StringSplitV2"],
    "docs/predicting.md": [
        *(r"seven\.png\t7\t", "accuracy", "fruit.csv row 1\tapple", "7"),
    ],
    "docs/reinforcement-learning.md": [
        *(
            "return",
            r"report\.html",
            "return 500",
            "the returns of each episode are the same",
        ),
        "return",
    ],
    "docs/reports.md": [r"report\.html"],
    "docs/scikit-learn.md": [r"test accuracy (1\.0|0\.9)"],
    "docs/self-supervised.md": [],
    "docs/serving.md": [
        *("published models/lenet5.mnist/1", "AVAILABLE", "signature_def"),
        *(r"seven\.png\t7\t", r'"predictions"'),
    ],
    "docs/serving-v2.md": ["published models/mlp.iris/1", '"FP32"', '"model_name"'],
    "docs/serving-clients.md": [
        *(r"\[0\] float32", "'features' takes float32", "NOT_FOUND", r"array\(\[0\]"),
        *("setosa", "virginica", "answers/s", "none", "answers/s", "none"),
    ],
    "docs/text.md": ["accuracy", "the queen", r'"label":"pos"', r'"label":"neg"'],
    "docs/training.md": ["runs/mlp", "accuracy"],
    "docs/transfer.md": ["accuracy"],
    "docs/tuning.md": [r"best\.json"],
    "docs/your-own-formats-and-engines.md": [r"npz +scores"],
    "docs/your-own-models.md": [
        *("ring_mlp", r"accuracy (1\.0|0\.9)", r"points\.json row 2"),
    ],
}
SKIPPED = {
    "README.md": ["installs the environment"],
    "docs/data.md": ["downloads", "trains for minutes"],
    "docs/deploying.md": [
        *("needs Docker", "installs an environment", "needs the extra ray"),
    ],
    "docs/export.md": ["needs a server"],
    "docs/install.md": ["installs the environment"],
    "docs/predicting.md": ["starts Ray"],
    "docs/self-supervised.md": ["trains for minutes"],
    "docs/serving.md": [
        *("serves until it is stopped", "needs openssl, and the extra sign"),
    ],
    "docs/serving-v2.md": ["needs a running server and tritonclient[http]"],
    "docs/training.md": ["needs MNIST, accelerators or a cluster"],
    "docs/transfer.md": ["./mine is yours"],
}
RUNNING = [page for page in PAGES if any(s.language != "toml" for s in snippets(page))]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[] if page == CHEAP else pytest.mark.slow)
        for page in RUNNING
    ],
)
def test_a_page_from_the_first_line_to_the_last(page, tmp_path):
    with Walk(page, tmp_path) as walk:
        for snippet in snippets(page):
            walk.follow(snippet)
    rest = walk.output
    for said in SAID[page]:
        found = re.search(said, rest)
        assert found, f"{said!r} is not in:\n{rest}"
        rest = rest[found.end() :]


def test_nothing_else_is_skipped():
    skipped = {
        page: [s.words["skip"] for s in snippets(page) if "skip" in s.words]
        for page in PAGES
    }
    assert {page: reasons for page, reasons in skipped.items() if reasons} == SKIPPED


@pytest.mark.parametrize("page", PAGES)
def test_info_strings(page):
    for snippet in snippets(page):
        assert snippet.language in ("shell", "python", "toml"), snippet.code
        assert snippet.words.keys() <= {"skip", "server", "title"}, snippet.words


def test_every_page_that_runs_says_something():
    assert SAID.keys() == set(RUNNING)
