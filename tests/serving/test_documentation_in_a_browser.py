"""The page that tries models out, in a real browser: Debian's Chromium."""

import json

import numpy as np
import pytest

import serving
from serving.models.samples import FILE
from tests.serving.rows import write_onnx
from tests.zoo.test_report_in_a_browser import WIDTHS, browser  # noqa: F401

NAME = "<b>bold & 'quoted'"
SEND = "document.querySelector('button').click()"
ANSWER = "return document.querySelector('.answer')?.innerText"


@pytest.fixture(scope="module")
def server(tmp_path_factory, artifacts):
    import shutil

    base = tmp_path_factory.mktemp("models")
    folder = base / NAME / "1"
    folder.mkdir(parents=True)
    write_onnx(folder, 2)
    (folder / FILE).parent.mkdir()
    np.savez(folder / FILE, **{"serving_default/0/input/x": np.float32([1.5, 3])})
    shutil.copytree(artifacts / "image", base / "image")
    with serving.Server(base, rest_api_port=0, engine="onnx") as running:
        yield running


@pytest.fixture
def page(browser, server, wait_until):  # noqa: F811
    browser.ask("/url", url=f"{server.url}/docs")
    wait_until(lambda: browser.run("return !!document.querySelector('h2')"), "models")
    return browser


@pytest.mark.slow
def test_models_are_listed_and_their_names_are_text(page):
    titles = "return [...document.querySelectorAll('h2')].map(h => h.innerText)"
    assert page.run(titles) == [NAME, "image"]
    assert page.run("return document.querySelectorAll('b').length") == 0
    assert page.console() == []
    width, window = page.run(WIDTHS)
    assert width <= window


@pytest.mark.slow
@pytest.mark.parametrize("protocol", [0, 1])
def test_the_sample_is_sent_and_answered(page, wait_until, protocol):
    page.run(
        "const s = document.querySelectorAll('section:first-of-type select')[2];"
        f"s.selectedIndex = {protocol}; s.dispatchEvent(new Event('change'))"
    )
    page.run(SEND)
    wait_until(lambda: page.run(ANSWER), "an answer")
    answer = json.loads(page.run(ANSWER))
    assert (answer["outputs"][0]["data"] if protocol else answer["outputs"]) == [3, 6]
    line = page.run("return document.querySelector('.curl').innerText")
    assert line.startswith("curl http://127.0.0.1")
    assert page.console() == []


@pytest.mark.slow
def test_it_says_that_an_answer_takes_time(page):
    waits = f"{SEND}; return document.querySelector('section').innerText"
    assert "Waiting." in page.run(waits)


@pytest.mark.slow
def test_an_error_is_shown(page, wait_until):
    page.run("document.querySelector('textarea').value = '{'")
    page.run(SEND)
    wait_until(lambda: page.run(ANSWER), "an answer")
    assert "error" in json.loads(page.run(ANSWER))
    assert page.run("return document.querySelector('.bad').innerText").startswith("400")


@pytest.mark.slow
def test_images_are_drawn(page):
    sizes = (
        "return [...document.querySelectorAll('canvas')].map(c => [c.width, c.height])"
    )
    assert page.run(sizes) == [[4, 4]]
