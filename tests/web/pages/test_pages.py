"""The pages in a real browser, used as people use them: with a mouse, with the keyboard alone, with a microphone."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from pipeline.web.descriptions import EXAMPLES
from tests.patience import until
from tests.web.pages.conftest import EXAMPLE, SAID, expect

RESULT = "#result:not([hidden])"
PAGES = ("/", "/text", "/both", "/again", "/live")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_and_says_where_one_is(page: Any, path: str, is_accessible: Any) -> None:
    page.goto(path)
    expect(page.locator("nav [aria-current=page]")).to_have_attribute("href", path)
    places = page.locator("nav a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert tuple(places[: len(PAGES)]) == PAGES
    is_accessible(page)


def test_speech_of_a_file(page: Any, is_accessible: Any) -> None:
    page.goto("/")
    page.locator("[data-file]").set_input_files(EXAMPLE)
    page.wait_for_selector(RESULT)
    expect(page.locator("#result-title")).to_be_focused()
    expect(page.locator(".said")).to_have_text(list(SAID))
    expect(page.locator(".phrase .chip")).to_have_count(len(SAID))
    emotions = page.locator(".phrase .chip").evaluate_all("chips => chips.map(chip => chip.dataset.emotion)")
    expect(page.locator("[data-probabilities] li")).to_have_count(8)
    drawn = page.locator("[data-wave] path[data-emotion]")
    until(lambda: set(drawn.evaluate_all("paths => paths.map(path => path.dataset.emotion)")) == set(emotions))
    until(lambda: page.locator("[data-strip] span").count() > 3)
    is_accessible(page, "dark", "contrast")

    page.locator(".word", has_text="glad").click()
    page.wait_for_selector(".word[data-heard]")
    expect(page.locator("[data-play]")).to_have_attribute("aria-label", "Pause")
    page.locator("[data-play]").click()
    with page.expect_download() as download:
        page.locator("[data-downloads] a", has_text="SRT").click()
    assert SAID[0] in download.value.path().read_text()


def test_speech_of_the_microphone(page: Any) -> None:
    page.goto("/")
    page.locator("[data-record]").click()
    page.locator("[data-chosen]", has_text="Speak now").wait_for()
    level = page.locator(".level").first
    until(lambda: level.evaluate("level => Number(level.style.getPropertyValue('--share'))") > 0.1)
    page.wait_for_timeout(2500)  # Of speech.
    page.locator("[data-stop]").click()
    page.wait_for_selector(RESULT)
    until(lambda: page.locator(".word").count() > 2)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("talk.wav", b"no sound", "holds no sound"),
        ("empty.wav", b"", "empty.wav is empty"),
        ("zeros.mp3", b"\0" * 999, "holds no sound"),
    ],
)
def test_what_cannot_be_heard_is_told(page: Any, name: str, data: bytes, said: str) -> None:
    page.goto("/")
    page.locator("[data-file]").set_input_files({"name": name, "mimeType": "audio/wav", "buffer": data})
    problem = page.locator("[role=alert]", has_text=said)
    problem.wait_for()
    expect(page.locator("[data-wait-text]")).to_have_text("")
    expect(page.locator("#result")).to_be_hidden()
    assert all("Failed to load resource" in text for text in page.wrong)
    page.wrong.clear()  # The browser tells every refused request as an error.


def test_text_with_the_keyboard_alone(page: Any, tab_to: Any, is_accessible: Any) -> None:
    page.goto("/text")
    tab_to(page, "[name=text]")
    page.keyboard.type("I am so sorry, this is awful. Thank you so much for telling me!")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(RESULT)
    expect(page.locator("[data-sentences] .said")).to_have_count(2)
    expect(page.locator("[data-verdict]")).to_contain_text("certainty")
    is_accessible(page, "dark", "contrast")


def test_a_busy_server_is_asked_again_and_one_that_is_away_is_told(page: Any) -> None:
    page.goto("/text")
    busy = {"status": 429, "headers": {"Retry-After": "1"}, "body": json.dumps({"error": {"message": "Busy."}})}
    page.route("**/v1/read", lambda route: route.fulfill(**busy), times=1)
    page.locator("[name=text]").fill("What a wonderful day!")
    page.locator("#words button").click()
    page.locator("[data-wait-text]", has_text="The server is busy. Trying again in 1 s.").wait_for()
    page.wait_for_selector(RESULT)
    page.route("**/v1/read", lambda route: route.abort())
    page.locator("#words button").click()
    page.locator("[role=alert]", has_text="The server does not answer.").wait_for()
    assert all("Failed to load resource" in text for text in page.wrong)
    page.wrong.clear()


def test_both_shows_each_part_and_a_contradiction(page: Any, is_accessible: Any) -> None:
    page.goto("/both")
    page.locator("[data-file]").set_input_files(EXAMPLE)
    page.locator("[name=text]").fill("I am so sad. I cried all day.")
    page.locator("#words button").click()
    page.wait_for_selector(RESULT)
    expect(page.locator("[data-voice-bars] li")).to_have_count(8)
    expect(page.locator("[data-text]")).to_contain_text("They read sad")
    expect(page.locator("[data-contradiction]")).to_have_text("")

    # Both parts have to be sure for a contradiction, whatever the models are.
    contradiction = "The words are sad, the voice is happy."
    answer = EXAMPLES["recognize"] | {"fusion": EXAMPLES["recognize"]["fusion"] | {"contradiction": contradiction}}
    page.route("**/v1/recognize", lambda route: route.fulfill(json=answer))
    page.locator("#words button").click()
    page.locator("[data-contradiction]", has_text=contradiction).wait_for()
    is_accessible(page, "dark", "contrast")


def test_say_it_again_with_the_keyboard_alone(page: Any, tab_to: Any, is_accessible: Any) -> None:
    page.goto("/again")
    tab_to(page, "[data-example]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#edit:not([hidden])")
    moods = page.locator("[data-mood]").evaluate_all("fields => fields.map(field => field.value)")
    heard = page.locator("[data-edits] .chip").evaluate_all(
        "chips => chips.map(chip => 'unsure' in chip.dataset ? 'neutral' : chip.dataset.emotion)"
    )
    assert moods == heard
    tab_to(page, "[data-text]")
    page.keyboard.press("Control+a")
    page.keyboard.type("I was so proud that you came.")
    tab_to(page, "[data-mood]")
    page.keyboard.type("proud")
    for _ in SAID[1:]:  # Only the first phrase is said.
        page.keyboard.press("Tab")
        tab_to(page, "[data-text]")
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
    is_accessible(page)
    tab_to(page, "[name=strength]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-strength]")).to_have_text("1.25")
    tab_to(page, "#edit .primary")
    page.keyboard.press("Enter")
    page.wait_for_selector(RESULT)
    expect(page.locator("#result-title")).to_be_focused()
    with page.expect_download() as download:
        page.locator("[data-downloads] a", has_text="JSON").click()
    found = json.loads(download.value.path().read_text())
    assert [segment["text"] for segment in found["output_segments"]] == ["I was so proud that you came."]
    assert (found["emotion_spoken"], found["strength"]) == ("proud", 1.25)
    expect(page.locator("[data-notes] li", has_text="proud").first).to_be_visible()
    for name in ("pitch", "loudness"):
        expect(page.locator(f"[data-{name}] path")).not_to_have_count(0)
        for curve in page.locator(f"[data-{name}] path").all():
            expect(curve).to_have_attribute("d", re.compile(".{100}"))
    expect(page.locator("[data-pitch-words]")).to_contain_text("semitones")
    expect(page.locator("[data-facts]")).to_contain_text(found["verification"]["text_heard"])
    for ending in ("WAV", "MP3", "SRT", "VTT", "Text"):
        place = page.locator("[data-downloads] a", has_text=ending).first.get_attribute("href")
        assert page.request.get(place).ok
    tab_to(page, "[data-player=after] [data-play]")
    page.keyboard.press("Enter")
    page.locator("[data-player=after] [data-play][aria-label=Pause]").wait_for()
    is_accessible(page, "dark", "contrast")


def test_colours_that_somebody_chose_stay(page: Any) -> None:
    page.goto("/")
    page.locator("[data-theme-choice]").select_option("dark")
    page.goto("/live")
    expect(page.locator("html")).to_have_css("color-scheme", "dark")
    expect(page.locator("[data-theme-choice]")).to_have_value("dark")
