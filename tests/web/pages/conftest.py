"""A browser without a window, whose microphone plays a recording, and a server for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect, sync_playwright

from pipeline.audio import read_audio
from tests.patience import PATIENCE

EXAMPLE = Path(__file__).resolve().parents[3] / "pipeline" / "web" / "pages" / "static" / "example.mp3"
SAID = (
    "I am so glad that you came.",
    "Really, I did not expect that at all.",
    "Please take your time.",
    "There is no hurry.",
    "I miss my friend so much.",
)
"""What is heard in the example, phrase by phrase."""

# Nothing on a page is there at once: what tests say of it, they say with `expect`, which waits.
expect.set_options(timeout=1000 * PATIENCE)

# What the mouse reaches on a page as it is now, and the tab key has to. Words and radio buttons have one stop together.
CONTROLS = """() => {
  const all = "a[href], button, input, select, textarea, summary, audio[controls], [tabindex='0']";
  const stops = [...document.querySelectorAll(all)].filter((one) =>
    one.checkVisibility() && !one.disabled && one.tabIndex >= 0 && !(one.type === "radio" && !one.checked));
  window.stops = stops;
  return stops.length;
}"""

# Where the focus is, as a number among the controls, and whether somebody sees it: an outline around it or its label.
FOCUS = """() => {
  const one = document.activeElement;
  const drawn = one.closest(".button") ?? one;
  const { outlineStyle, outlineWidth } = getComputedStyle(drawn);
  const { top, bottom, width } = drawn.getBoundingClientRect();
  const seen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && width > 1 && bottom > 0 && top < innerHeight;
  return [window.stops.indexOf(one), seen];
}"""

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the microphone hears: the first two phrases of the example, and silence before they begin again."""
    path = tmp_path_factory.mktemp("microphone") / "sound.wav"
    said = read_audio(EXAMPLE, sample_rate=48_000).slice(0, 5.7).samples
    soundfile.write(path, np.concatenate([said, np.zeros(60_000, np.float32)]), 48_000, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def browser(microphone: Path) -> Iterator[Any]:
    """The browser, for one file of tests: while it is open, an event loop runs, and other tests need their own."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip("there is no Chromium on this machine: apt-get install chromium")
    arguments = (
        "--no-sandbox",
        "--autoplay-policy=no-user-gesture-required",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
    )
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """An empty page; what it asks of other hosts, and what its scripts do wrong, fails the test."""
    context = browser.new_context(base_url=address, viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    wrong: list[str] = []
    own = (address, address.replace("http", "ws"), "blob:", "data:")
    page.on("request", lambda request: request.url.startswith(own) or wrong.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    page.wrong = wrong
    # Chromium hands its dialogues over from now on; asked for at the press of a key, it may open one of its own first.
    page.on("filechooser", lambda chooser: None)
    yield page
    context.close()
    assert wrong == []


@pytest.fixture(scope="session")
def is_accessible() -> Callable[..., None]:
    """Check a page as it is now: axe-core finds nothing, and a small telephone is wide enough."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

    def check(page: Any, *others: str) -> None:
        usual = page.viewport_size
        for colours in ("light", *others):
            page.evaluate("colours => { document.documentElement.dataset.theme = colours }", colours)
            options = {} if colours == "light" else {"runOnly": ["color-contrast"]}
            found = axe.Axe().run(page, options={"resultTypes": ["violations"]} | options)
            assert found.violations_count == 0, f"{colours}: {found.generate_report()}"
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.set_viewport_size(usual)

    return check


@pytest.fixture(scope="session")
def tab_to() -> Callable[[Any, str], None]:
    """Press the tab key until an element has the focus."""

    def go(page: Any, selector: str) -> None:
        for _ in range(80):
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            page.keyboard.press("Tab")
        pytest.fail(f"the tab key never reaches {selector}")

    return go


@pytest.fixture(scope="session")
def walk() -> Callable[[Any], None]:
    """Go through a page by the tab key, there and back: every control in its order, and each of them seen."""

    def go(page: Any) -> None:
        count = page.evaluate(CONTROLS)
        page.locator(".skip").focus()
        forth, back = [page.evaluate(FOCUS)], []
        for stops, key, end in ((forth, "Tab", count - 1), (back, "Shift+Tab", 0)):
            # A date has several stops.
            while (not stops or stops[-1][0] != end) and len(stops) < 4 * count:
                page.keyboard.press(key)
                stops.append(page.evaluate(FOCUS))
        numbers = list(dict.fromkeys(number for number, _ in forth))
        assert numbers == list(range(count))
        assert list(dict.fromkeys(number for number, _ in back if number != count - 1)) == numbers[-2::-1]
        unseen = [number for number, seen in forth if not seen]
        assert page.evaluate("unseen => unseen.map(number => window.stops[number].outerHTML)", unseen) == []

    return go
