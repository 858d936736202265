"""The page Live captions with a server that tells what a test says: where words stand, their colours, their files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pipeline.core.emotions import EMOTIONS
from pipeline.core.values import EmotionScores, Segment, Word
from pipeline.transcripts.subtitles import as_srt, as_vtt
from tests.patience import until
from tests.transcripts.long_segment import LONG, scores
from tests.web.pages.conftest import expect

Tell = Callable[..., None]

AT_END = "() => { const one = document.querySelector('[data-captions]');"
AT_END += " return one.scrollTop > 0 && one.scrollHeight - one.scrollTop - one.clientHeight < 2 }"

LOADED_ONCE = """const add = AudioWorklet.prototype.addModule;
AudioWorklet.prototype.addModule = async function (place) {
  if (window.loaded) throw new DOMException("Unable to load.", "AbortError");
  await add.call(this, place);
  window.loaded = true;
};"""
"""Sound can be taken in by what was fetched with the page, and nothing can be fetched later."""

COLOURS = """(selector) => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const drawn = (colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const ground = drawn(getComputedStyle(document.querySelector("[data-captions]")).backgroundColor);
  return [ground, ...[...document.querySelectorAll(selector)].map((one) => drawn(getComputedStyle(one).color))];
}"""


def said(start: float, text: str, emotion: EmotionScores | None = None, speaker: str | None = None) -> Segment:
    """Return a segment whose words take a third of a second each."""
    words = tuple(Word(word, start + number / 3, start + (number + 1) / 3) for number, word in enumerate(text.split()))
    return Segment(start, words[-1].end, text, words, emotion, speaker)


@pytest.fixture
def tell(page: Any) -> Tell:
    """Tell events to the page, once it listens."""
    connections: list[Any] = []

    def begin(connection: Any) -> None:
        connections.append(connection)
        session = {"id": "sess_test", "resumed": False, "received_samples": 0, "engines": "ready"}
        connection.on_message(lambda message: None)
        connection.send(json.dumps({"type": "session.created", "session": session}))

    page.route_web_socket("**/v1/live*", begin)
    count = 0

    def tell(*events: dict[str, Any] | Segment) -> None:
        nonlocal count
        for event in events:
            if isinstance(event, Segment):
                count += 1
                kind = "conversation.item.input_audio_transcription.completed"
                event = {"type": kind, "item_id": f"item_{count}", "segment": event.to_dict()}
            connections[-1].send(json.dumps(event))

    return tell


def listen(page: Any) -> None:
    page.locator("[data-listen]").click()
    page.locator("[data-state]", has_text="Listening.").wait_for()


@pytest.mark.parametrize("size", [(320, 640), (375, 667), (600, 450), (640, 360), (1000, 800)])
def test_the_newest_words_are_in_the_window(page: Any, tell: Tell, size: tuple[int, int]) -> None:
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    page.goto("/live")
    listen(page)
    tell(*(said(3 * number, "There is no hurry at all.", scores("calm")) for number in range(20)))
    until(lambda: page.evaluate(AT_END))
    fits = "one => { const { height, bottom } = one.getBoundingClientRect(); return [height, innerHeight - bottom] }"
    height, below = page.locator("[data-captions]").evaluate(fits)
    assert (height > 120, below >= 0) == (True, True), (height, below)


def test_who_is_at_the_end_stays_there_and_who_reads_older_words_does_too(page: Any, tell: Tell) -> None:
    page.goto("/live")
    expect(page.locator("[data-empty]")).to_be_visible()
    listen(page)
    tell({"type": "resay.hypothesis", "item_id": "item_1", "text": "There is"})
    expect(page.locator("[data-empty]")).to_be_hidden()
    tell(*(said(3 * number, "There is no hurry at all.", scores("calm")) for number in range(12)))
    until(lambda: page.evaluate(AT_END))
    changes = (
        lambda: page.locator(".look summary").click(),
        lambda: page.locator("[name=size]").select_option("2"),
        lambda: page.get_by_label("Emotion", exact=True).check(),
        lambda: page.get_by_label("Prosody").check(),
        lambda: page.set_viewport_size({"width": 400, "height": 500}),
        lambda: page.set_viewport_size({"width": 1000, "height": 800}),
    )
    for change in changes:
        change()
        until(lambda: page.evaluate(AT_END))
    captions = page.locator("[data-captions]")
    captions.evaluate("one => { one.scrollTop = 0 }")
    expect(page.locator("[data-newest]")).to_be_visible()
    tell(said(40, "I miss my friend so much.", scores("sad")))
    page.locator("[name=size]").select_option("1")
    expect(page.locator(".caption")).to_have_count(13)
    assert captions.evaluate("one => one.scrollTop") == 0
    page.locator("[data-newest]").click()
    until(lambda: page.evaluate(AT_END))


SEGMENTS = {
    "plain": [said(0, "There is no hurry.")],
    "speakers and emotions": [
        said(0, "I am so glad that you came.", scores("happy"), "speaker 1"),
        said(4, "Really?", scores("surprised", 0.3), "speaker 2"),
        said(6, "Please take your time.", scores("neutral"), "speaker 1"),
    ],
    "a long one, mark-up, and Chinese": [said(1, LONG, scores("sad"), "A & <B>"), said(60, "今天 <b>天气</b> 很好")],
}


@pytest.mark.parametrize("segments", SEGMENTS.values(), ids=SEGMENTS)
def test_files_are_those_of_the_house(page: Any, tell: Tell, segments: list[Segment]) -> None:
    page.goto("/live")
    listen(page)
    tell(*segments)
    expect(page.locator(".caption")).to_have_count(len(segments))
    for ending, write in (("srt", as_srt), ("vtt", as_vtt)):
        with page.expect_download() as download:
            page.locator(f"[data-save={ending}]").click()
        assert download.value.path().read_text(encoding="utf-8") == write(segments)


def test_valence_is_seen_at_the_probabilities_that_models_give(page: Any, tell: Tell) -> None:
    """Sure or not, in all colours, and legible: the contrast is at least 4.5, in high contrast 7."""
    page.goto("/live")
    page.get_by_label("Emotion", exact=True).check()
    listen(page)
    told = [("neutral", 0.4), ("angry", 0.25), ("sad", 0.4), ("happy", 0.3), ("happy", 0.55)]
    for number, (emotion, share) in enumerate(told):
        # As models do: most of the rest is neutral.
        rest = {other: 0.4 * (1 - share) / 6 for other in EMOTIONS} | {"neutral": 0.6 * (1 - share)} | {emotion: share}
        tell(said(3 * number, "There is no hurry.", EmotionScores(tuple(rest), tuple(rest.values()), "test")))
    expect(page.locator(".caption")).to_have_count(len(told))
    for colours, least in (("light", 4.5), ("dark", 4.5), ("contrast", 7)):
        page.locator("[data-theme-choice]").select_option(colours)
        ground, neutral, *felt = page.evaluate(COLOURS, ".words")
        assert min(contrast(ground, each) for each in (neutral, *felt)) >= least, colours
        for each in felt:
            assert max(abs(one - other) for one, other in zip(each, neutral, strict=True)) > 50, colours
        # Orange is redder than blue is.
        assert all(one[0] > one[2] for one in felt[:2]), colours
        assert all(one[0] < one[2] for one in felt[2:]), colours


def contrast(one: list[int], other: list[int]) -> float:
    """Return the ratio of contrast of two colours, as WCAG defines it."""

    def light(colour: list[int]) -> float:
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_level_of_silence_is_an_empty_outline_in_all_colours(page: Any) -> None:
    page.goto("/live")
    for colours in ("light", "dark", "contrast"):
        page.locator("[data-theme-choice]").select_option(colours)
        track, share, ground = page.evaluate(
            """() => [".level", ".level span", "body"].map((one) =>
              getComputedStyle(document.querySelector(one)).backgroundColor)"""
        )
        assert track != share
        assert colours != "contrast" or track == ground


def test_listening_begins_while_the_server_is_away(page: Any) -> None:
    page.add_init_script(LOADED_ONCE)
    page.goto("/live")
    until(lambda: page.evaluate("window.loaded"))
    page.route_web_socket("**/v1/live*", lambda connection: connection.close(code=1011))
    page.locator("[data-listen]").click()
    page.locator("[data-state]", has_text="what is said meanwhile is kept").wait_for()
    until(lambda: page.locator("[data-level]").evaluate("level => Number(level.style.getPropertyValue('--share'))") > 0)
    expect(page.locator("[data-problem]")).to_have_text("")


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("AudioWorklet.prototype.addModule", "The server does not answer."),
        ("navigator.mediaDevices.getUserMedia", "The microphone cannot be opened."),
        ("AudioContext.prototype.resume", "This browser cannot take in the sound"),
    ],
)
def test_what_browsers_say_is_never_shown(page: Any, broken: str, message: str) -> None:
    page.add_init_script(f"{broken} = () => Promise.reject(new DOMException('Unable to load.', 'AbortError'))")
    for path, button, place in (("/live", "[data-listen]", "[data-problem]"), ("/", "[data-record]", "[data-chosen]")):
        page.goto(path)
        page.locator(button).click()
        page.locator(place, has_text=message).wait_for()
