"""A report in a real browser: Debian's Chromium through its driver."""

import json
import re
import shutil
import subprocess
import urllib.request

import pytest

import zoo
from tests.zoo.subjects import classified, make_subject
from zoo.reports import comparison
from zoo.reports.drawing import png, style
from zoo.reports.page import of_run
from zoo.reports.pictures import drawn

ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=500,800"]
IMAGES = "return [...document.images].map(i => [i.complete, i.naturalWidth, i.alt])"
WIDTHS = "return [document.documentElement.scrollWidth, window.innerWidth]"


class Browser:
    """A session of the WebDriver protocol."""

    def __init__(self, address, chromium):
        self.address = address
        options = {"binary": chromium, "args": ARGUMENTS}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        found = self.ask("/session", capabilities={"alwaysMatch": wanted})
        self.address += f"/session/{found['sessionId']}"

    def ask(self, path, method="POST", **content):
        request = urllib.request.Request(
            self.address + path,
            json.dumps(content).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, path):
        self.ask("/url", url=path.absolute().as_uri())

    def run(self, script):
        return self.ask("/execute/sync", script=script, args=[])

    def console(self):
        return self.ask("/se/log", type="browser")


@pytest.fixture(scope="module")
def browser():
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (chromium and driver):
        pytest.skip("needs Debian's packages chromium and chromium-driver")
    with subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, text=True) as p:
        try:
            lines = (re.search(r"on port (\d+)\.", line) for line in p.stdout)
            port = next(found[1] for found in lines if found)
            session = Browser(f"http://127.0.0.1:{port}", chromium)
            yield session
            session.ask("", method="DELETE")
        finally:
            p.terminate()


@pytest.fixture(scope="module")
def subjects(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    data = classified(["<b>", "$\\frac$"], (4, 4, 1), name="a<i>&b")
    return [
        make_subject(
            folder / name,
            data,
            name=name,
            model=zoo.create_model(name),
            metrics={"accuracy": 0.5, "loss": 1.0},
        )
        for name in ("corner_cnn", "corner_mlp")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("runs", [1, 2])
def test_every_picture_is_loaded_and_the_console_is_silent(
    browser, subjects, tmp_path, runs
):
    if runs == 1:
        with style(subjects[0].texts):
            figures = drawn(subjects[0]).items()
            page = of_run(subjects[0], {k: png(figure) for k, figure in figures})
        title = "corner_cnn on a<i>&b"
    else:
        page, title = comparison.html(subjects), "corner_cnn beside corner_mlp"
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    browser.open(tmp_path / "report.html")
    assert browser.console() == []
    assert browser.run("return document.title") == title
    assert browser.run("return document.querySelector('h1').innerText") == title
    images = browser.run(IMAGES)
    assert len(images) >= 3 * runs
    assert all(complete and width > 0 and alt for complete, width, alt in images)
    width, window = browser.run(WIDTHS)
    assert width <= window  # nothing has to be scrolled to the side


@pytest.mark.slow
def test_the_browser_would_tell(browser, tmp_path):
    page = tmp_path / "broken.html"
    broken = '<img alt="x" src="data:image/png;base64,AAAA"><script>nothing()</script>'
    page.write_text(f"<title>x</title>{broken}")
    browser.open(page)
    assert [entry["level"] for entry in browser.console()] == ["SEVERE"]
    assert browser.run(IMAGES) == [[True, 0, "x"]]
