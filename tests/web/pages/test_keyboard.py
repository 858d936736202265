"""Every page from first to last without a mouse: each control is reached, seen and left, and none loses the focus."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pipeline.web.descriptions import EXAMPLES
from tests.patience import until
from tests.web.pages.conftest import EXAMPLE, SAID, expect

RESULT = "#result:not([hidden])"

LOST = """
  window.lost = [];
  addEventListener("focusout", ({ target, relatedTarget }) => {
    if (relatedTarget) return;
    setTimeout(() => {
      const gone = !target.isConnected || !target.checkVisibility() || target.disabled;
      if (gone && document.activeElement === document.body) window.lost.push(target.outerHTML.slice(0, 80));
    });
  });
"""


@pytest.fixture
def keys(page: Any) -> Iterator[Any]:
    """A page whose mouse nobody has; a control that takes the focus away with it fails the test."""
    page.add_init_script(LOST)
    yield page
    assert page.evaluate("window.lost") == []


def press(page: Any, tab_to: Callable[[Any, str], None], selector: str, key: str = "Enter") -> None:
    """Go to a control, and press a key there."""
    tab_to(page, selector)
    page.keyboard.press(key)


@pytest.mark.parametrize("path", ["/", "/text", "/both", "/again", "/live"])
def test_the_tab_key_reaches_every_control_and_leaves_it(keys: Any, path: str, tab_to: Any, walk: Any) -> None:
    keys.goto(path)
    keys.keyboard.press("Tab")
    expect(keys.locator(".skip")).to_be_focused()
    keys.keyboard.press("Enter")
    expect(keys.locator("main")).to_be_focused()
    walk(keys)
    press(keys, tab_to, "footer summary", "Space")
    expect(keys.locator("footer a[href='/openapi.json']")).to_be_visible()
    press(keys, tab_to, "[data-theme-choice]", "ArrowDown")
    expect(keys.locator("html")).to_have_attribute("data-theme", "light")
    walk(keys)


def test_speech(keys: Any, tab_to: Any, walk: Any) -> None:
    keys.goto("/")
    tab_to(keys, "[data-file]")
    with keys.expect_file_chooser() as chooser:
        keys.keyboard.press("Enter")
    chooser.value.set_files(EXAMPLE)
    keys.wait_for_selector(RESULT)
    expect(keys.locator("#result-title")).to_be_focused()
    walk(keys)
    tab_to(keys, "[data-position]")
    for key, seconds in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 13.8), ("Home", 0)):
        keys.keyboard.press(key)
        until(lambda seconds=seconds: abs(keys.locator("audio").evaluate("sound => sound.currentTime") - seconds) < 0.2)
    press(keys, tab_to, ".word", "End")
    expect(keys.locator(".word:focus")).to_have_text("much.")
    keys.keyboard.press("Space")
    keys.wait_for_selector(".word[data-heard]")
    with keys.expect_download() as download:
        press(keys, tab_to, "[data-downloads] a")
    assert SAID[0] in download.value.path().read_text()


def test_a_recording_of_the_microphone_and_a_wait_that_is_cancelled(keys: Any, tab_to: Any, walk: Any) -> None:
    keys.route("**/v1/recognize", lambda route: None)
    keys.goto("/")
    press(keys, tab_to, "[data-record]", "Space")
    expect(keys.locator("[data-stop]")).to_be_focused()
    keys.keyboard.press("Space")
    expect(keys.locator("[data-record]")).to_be_focused()
    press(keys, tab_to, "[data-wait-cancel]")
    expect(keys.locator("[data-wait-text]")).to_have_text("Cancelled.")
    expect(keys.locator("[data-record]")).to_be_focused()


def test_text(keys: Any, tab_to: Any, walk: Any) -> None:
    keys.goto("/text")
    tab_to(keys, "[name=text]")
    keys.keyboard.type("I miss her so much. Thank you!")
    press(keys, tab_to, "[name=spoken]", "Space")
    expect(keys.locator("[name=spoken]")).to_be_checked()
    press(keys, tab_to, "#words button")
    keys.wait_for_selector(RESULT)
    expect(keys.locator("#result-title")).to_be_focused()
    expect(keys.locator("[data-sentences] .said")).to_have_count(2)
    walk(keys)


def test_both(keys: Any, tab_to: Any, walk: Any) -> None:
    keys.route("**/v1/recognize", lambda route: route.fulfill(json=EXAMPLES["recognize"]))
    keys.goto("/both")
    press(keys, tab_to, "[data-example]", "Space")
    expect(keys.locator("[name=text]")).to_be_focused()
    keys.keyboard.type("I am so sad.")
    press(keys, tab_to, "#words button")
    keys.wait_for_selector(RESULT)
    expect(keys.locator("#result-title")).to_be_focused()
    walk(keys)


def test_say_it_again(keys: Any, tab_to: Any, walk: Any) -> None:
    """What is chosen here reaches the server; another test hears what comes of it."""
    asked: list[str] = []

    def convert(route: Any) -> None:
        asked.append(route.request.post_data_buffer.decode(errors="ignore"))
        route.abort()

    keys.route("**/v1/convert", convert)
    keys.goto("/again")
    press(keys, tab_to, "[data-example]")
    keys.wait_for_selector("#edit:not([hidden])")
    expect(keys.locator("#edit h2").first).to_be_focused()
    walk(keys)
    press(keys, tab_to, "[name=emotion]", "s")
    press(keys, tab_to, "[name=voice]", "ArrowDown")
    press(keys, tab_to, "[name=strength]", "End")
    press(keys, tab_to, "[name=keep_timing]", "Space")
    press(keys, tab_to, "[name=verify]", "Space")
    voice, emotion = (keys.locator(f"[name={name}]").input_value() for name in ("voice", "emotion"))
    assert emotion.startswith("s")
    press(keys, tab_to, "#edit .primary")
    keys.locator("[role=alert]", has_text="The server does not answer.").wait_for()
    expect(keys.locator("#edit .primary")).to_be_focused()
    sent = dict(re.findall(r'name="(\w+)"\r\n\r\n(.*?)\r\n', asked[0]))
    segments = json.loads(sent.pop("segments"))
    assert [segment["text"] for segment in segments] == list(SAID)
    expected = {"emotion": emotion, "voice": voice, "strength": "2", "keep_timing": "true", "verify": "false"}
    assert sent | expected == sent
    keys.wrong.clear()  # The browser tells the request that was refused.


def test_live_captions(keys: Any, tab_to: Any, walk: Any) -> None:
    keys.goto("/live")
    press(keys, tab_to, "[data-listen]", "Space")
    keys.locator(".caption").first.wait_for()
    press(keys, tab_to, "[data-listen]", "Space")
    keys.locator("[data-state]", has_text="Stopped.").wait_for()
    press(keys, tab_to, ".look summary") if not keys.locator("[name=look]").first.is_visible() else None
    press(keys, tab_to, "[name=size]", "ArrowDown")
    expect(keys.locator("[name=size]")).to_have_value("1.4")
    press(keys, tab_to, "[name=aloud]", "Space")
    expect(keys.locator("[name=aloud]")).not_to_be_checked()
    walk(keys)
    with keys.expect_download():
        press(keys, tab_to, "[data-save=vtt]", "Space")
    press(keys, tab_to, "[data-clear]")
    expect(keys.locator(".caption")).to_have_count(0)
    expect(keys.locator("[data-captions]")).to_be_focused()
