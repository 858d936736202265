"""Live captions in a real browser, whose microphone plays a recording."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.web.pages.conftest import SAID, expect

COMPLETED = "conversation.item.input_audio_transcription.completed"


def texts(page: Any) -> list[str]:
    return [" ".join(text.split()) for text in page.locator(".caption .words").all_inner_texts()]


def wait_for(page: Any, count: int) -> None:
    page.locator(".caption").nth(count - 1).wait_for()


def in_order(found: list[str]) -> bool:
    """Return whether phrases follow each other as they are said, none missing or twice; the last one may be cut off.

    Where a sound begins changes the punctuation that is heard, never the words.
    """
    heard, expected = ([re.findall(r"[\w']+", text) for text in phrases] for phrases in (found, SAID))
    first = expected.index(heard[0])
    said = [expected[(first + number) % 2] for number in range(len(found))]
    return heard[:-1] == said[:-1] and heard[-1][0] == said[-1][0]


def test_captions_styles_and_files(page: Any, tab_to: Any, is_accessible: Any) -> None:
    page.goto("/live")
    tab_to(page, "[data-listen]")
    page.keyboard.press("Enter")
    page.locator("[data-state]", has_text="Listening.").wait_for()
    page.wait_for_selector(".level[data-heard]")
    page.wait_for_selector(".growing span")
    wait_for(page, 2)
    assert in_order(texts(page))
    chip = page.locator(".caption .chip").first
    expect(chip).to_contain_text("%")
    expect(chip.locator("svg")).to_have_count(1)
    is_accessible(page)

    def style(selector: str, name: str) -> set[str]:
        values = page.locator(selector).evaluate_all("(all, name) => all.map(one => getComputedStyle(one)[name])", name)
        return set(values)

    assert len(style(".words", "fontSize")) == len(style(".words", "color")) == len(style(".spoken", "bottom")) == 1
    tab_to(page, ".look summary")
    page.keyboard.press("Enter")
    tab_to(page, "[name=look]")
    page.keyboard.press("ArrowRight")
    assert len(style(".words", "fontSize")) > 1
    assert len(style(".words", "color")) > 1
    is_accessible(page, "dark", "contrast")
    page.keyboard.press("ArrowRight")
    for name in ("bottom", "fontWeight", "letterSpacing"):
        assert len(style(".spoken", name)) > 2, name

    tab_to(page, "[data-listen]")
    page.keyboard.press("Enter")
    page.locator("[data-state]", has_text="Stopped.").wait_for()
    phrases = texts(page)
    expect(page.locator(".caption .who").first).to_have_text("speaker 1")
    announced = page.locator("[data-log] p")
    announced.first.wait_for()
    assert announced.count() <= len(phrases)
    for ending, begins in (("txt", "00:00:"), ("srt", "1\n00:00:"), ("vtt", "WEBVTT\n\n")):
        with page.expect_download() as download:
            page.locator(f"[data-save={ending}]").click()
        content = download.value.path().read_text()
        assert content.startswith(begins)
        assert all(phrase in content for phrase in phrases)


def test_a_broken_connection_loses_no_word_and_words_go_on_without_emotion(page: Any) -> None:
    connections: list[Any] = []

    def route(client: Any) -> None:
        server = client.connect_to_server()
        connections.append(client)

        def told(message: str) -> None:
            event = json.loads(message)
            if event["type"] == COMPLETED:
                event["segment"]["emotion"] = None
            client.send(json.dumps(event))

        server.on_message(told)

    page.route_web_socket("**/v1/live*", route)
    page.goto("/live")
    page.locator("[data-listen]").click()
    wait_for(page, 1)
    page.wait_for_selector(".growing span")  # In the middle of a phrase.
    connections[0].close(code=1011)
    page.locator("[data-state]", has_text="The connection broke.").wait_for()
    page.locator("[data-state]", has_text="Listening.").wait_for()
    wait_for(page, 2)
    assert len(connections) == 2
    assert in_order(texts(page))
    expect(page.locator(".caption .chip").first).to_have_text("emotion not known")
    expect(page.locator(".caption .chip").nth(1)).to_have_text("emotion not known")
    page.locator("[data-listen]").click()
    page.locator("[data-state]", has_text="Stopped.").wait_for()
    assert in_order(texts(page))


@pytest.mark.slow
def test_a_server_that_forgot_the_session_loses_no_word(page: Any) -> None:
    connections: list[Any] = []

    def route(client: Any) -> None:
        client.connect_to_server()
        connections.append(client)

    page.route_web_socket("**/v1/live*", route)
    page.add_init_script(
        """const Real = WebSocket;
        window.WebSocket = function (place) { return new Real(place.replace(/session=[^&]*/, "session=sess_none")) };"""
    )
    page.goto("/live")
    page.locator("[data-listen]").click()
    wait_for(page, 1)
    page.wait_for_selector(".growing span")
    connections[0].close(code=1011)
    wait_for(page, 2)
    page.locator("[data-listen]").click()
    page.locator("[data-state]", has_text="Stopped.").wait_for()
    assert in_order(texts(page))


@pytest.mark.parametrize(
    ("name", "said"),
    [("NotAllowedError", "The microphone is not allowed."), ("NotFoundError", "There is no microphone.")],
)
def test_a_microphone_that_cannot_be_used_is_told(page: Any, name: str, said: str) -> None:
    page.add_init_script(f"navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', '{name}'))")
    page.goto("/live")
    page.locator("[data-listen]").click()
    page.locator("[data-problem]", has_text=said).wait_for()
    expect(page.locator("[data-state]")).to_have_text("Not listening.")
    expect(page.locator("[data-listen]")).to_have_text("Start listening")
