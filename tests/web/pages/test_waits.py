"""What becomes of a recording when its server is away, when work breaks off, and when something else is asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.chain.engines import Engines
from pipeline.web.descriptions import EXAMPLES
from tests.web.pages.conftest import EXAMPLE, expect

RESULT = "#result:not([hidden])"
SEGMENTS = [segment | {"words": []} for segment in EXAMPLES["transcriptions"]["segments"]]
SAID = EXAMPLES["transcriptions"] | {"segments": SEGMENTS, "files": {}}
JOB = {"id": "job", "status": "running"}
HURRIED = "const later = setTimeout; window.setTimeout = (call, wait, ...given) => later(call, wait / 20, ...given);"
"""Lets a page wait a twentieth as long."""
NOTED = """const asked = fetch; window.sent = {};
window.fetch = (path, options) => {
  if (options?.body instanceof FormData) window.sent[path] = Object.fromEntries(options.body);
  return asked(path, options);
};"""
"""Keeps the last form that went to each address."""
TOLD = """window.told = [];
addEventListener("DOMContentLoaded", () => {
  const line = document.querySelector("[data-wait-text]");
  new MutationObserver((changes) => changes.forEach(({ addedNodes }) =>
    addedNodes.forEach((one) => told.push(one.textContent)))).observe(line, { childList: true });
});"""
"""Keeps what a wait has said."""
DONE = {"content_type": "text/event-stream", "body": "event: done\ndata: {}\n\n"}


@pytest.fixture
def answered(page: Any) -> Any:
    """A page whose server answers at once, with what the examples of the API say."""
    page.add_init_script(HURRIED + NOTED)
    page.route("**/v1/audio/transcriptions", lambda route: route.fulfill(json=JOB))
    page.route("**/v1/recognize", lambda route: route.fulfill(json=EXAMPLES["recognize"]))
    page.route("**/v1/jobs/job", lambda route: route.fulfill(json=JOB | {"status": "done"}))
    page.route("**/v1/jobs/job/events", lambda route: route.fulfill(**DONE))
    page.route("**/v1/jobs/job/result", lambda route: route.fulfill(json=SAID))
    yield page
    page.wrong[:] = [text for text in page.wrong if "Failed to load resource" not in text]


def give(page: Any, name: str = "talk.wav") -> None:
    page.locator("[data-file]").set_input_files({"name": name, "mimeType": "audio/wav", "buffer": EXAMPLE.read_bytes()})


@pytest.mark.parametrize("path", ["/", "/again"])
def test_a_recording_outlives_a_server_that_is_away_and_a_cancel(answered: Any, path: str) -> None:
    page, shown = answered, RESULT if path == "/" else "#edit:not([hidden])"
    page.goto(path)
    page.route("**/v1/audio/transcriptions", lambda route: route.abort(), times=4)
    give(page)
    page.locator("[role=alert]", has_text="The server does not answer.").wait_for()
    held: list[Any] = []
    page.route("**/v1/audio/transcriptions", lambda route: held.append(route), times=1)
    page.get_by_role("button", name="Try again").click()
    page.locator("[data-wait-cancel]").first.click()
    page.locator("[data-wait-text]", has_text="Cancelled.").wait_for()
    expect(page.locator("[data-chosen]")).to_have_text("talk.wav")
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(shown)
    assert page.evaluate("sent['/v1/audio/transcriptions'].file.size") == EXAMPLE.stat().st_size


def test_what_was_recorded_can_be_saved(answered: Any) -> None:
    page = answered
    page.goto("/")
    page.locator("[data-record]").click()
    page.locator("[data-chosen]", has_text="Speak now").wait_for()
    page.route("**/v1/**", lambda route: route.abort())
    page.locator("[data-stop]").click()
    with page.expect_download() as download:
        page.locator("[data-chosen] a").click()
    assert download.value.path().stat().st_size > 0
    page.locator("[role=alert]", has_text="The server does not answer.").wait_for()


def test_a_connection_that_breaks_for_a_moment_is_taken_up_again(answered: Any) -> None:
    """The upload, the events of the work, and its result break once each; the events once more, for good."""
    page = answered
    page.goto("/")
    page.route("**/v1/jobs/job", lambda route: route.fulfill(json=JOB), times=1)
    for place in ("recognize", "audio/transcriptions", "jobs/job", "jobs/job/result"):
        page.route(f"**/v1/{place}", lambda route: route.abort(), times=1)
    page.route("**/v1/jobs/job/events", lambda route: route.fulfill(status=503), times=1)
    give(page)
    page.wait_for_selector(RESULT)


@pytest.mark.parametrize("path", ["/", "/again", "/both"])
def test_another_recording_takes_the_place_of_the_one_before(answered: Any, path: str) -> None:
    page = answered
    page.goto(path)
    address = "**/v1/recognize" if path == "/both" else "**/v1/audio/transcriptions"
    held: list[Any] = []
    page.route(address, lambda route: held.append(route), times=1)
    with page.expect_request(address):
        give(page, "one.wav")
        if path == "/both":
            page.locator("#words button").click()
    give(page, "two.wav")
    if path == "/both":
        expect(page.locator("[data-wait-text]")).to_contain_text("The recording is there.")
        expect(page.locator("[data-wait-cancel]")).to_be_hidden()
        held[0].fulfill(json=EXAMPLES["recognize"])
        expect(page.locator("#result")).to_be_hidden()
        page.locator("#words button").click()
    page.wait_for_selector("#edit:not([hidden])" if path == "/again" else RESULT)
    expect(page.locator("[data-chosen]")).to_have_text("two.wav")


@pytest.mark.parametrize(
    ("words", "contradiction", "parts", "used"),
    [
        (("happy", False), "Perhaps …: the words are happy.", ["speech", "text"], "both count"),
        (("happy", False), "The words are happy.", ["speech"], "as the words contradict it"),
        (("happy", False), "", ["speech", "text"], "both count"),
        (("happy", False), "", ["text"], "the voice is not sure"),
        (("angry", True), "", ["speech"], "what the words say is not certain"),
        (("neutral", False), "", ["speech"], "the words say too little"),
    ],
)
def test_both_tells_how_voice_and_words_differ(
    answered: Any, words: tuple[str, bool], contradiction: str, parts: list[str], used: str
) -> None:
    """Whether they contradict each other is what the server says."""
    page, found = answered, json.loads(json.dumps(EXAMPLES["recognize"]))
    found["emotion"] = "angry"
    found["words"] |= dict(zip(("emotion", "unsure"), words, strict=True))
    found["fusion"] |= {"contradiction": contradiction, "used": parts}
    page.route("**/v1/recognize", lambda route: route.fulfill(json=found))
    page.goto("/both")
    give(page)
    page.locator("#words button").click()
    page.wait_for_selector(RESULT)
    expect(page.locator("[data-contradiction]")).to_have_text(contradiction)
    expect(page.locator("[data-used]")).to_contain_text(used)


def test_one_emotion_for_all_phrases_stands_beside_each(answered: Any) -> None:
    page = answered
    page.goto("/again")
    give(page)
    page.wait_for_selector("#edit:not([hidden])")
    mood, every = page.locator("[data-mood]"), page.locator("[name=emotion]")
    mood.fill("happy")
    every.select_option("angry")
    expect(mood).to_have_value("angry")
    every.select_option("auto")
    expect(mood).to_have_value("happy")
    every.select_option("sad")
    mood.fill("proud")
    expect(every).to_have_value("auto")
    page.route("**/v1/convert", lambda route: route.abort())
    page.locator("#edit .primary").click()
    page.locator("[role=alert]", has_text="The server does not answer.").wait_for()
    sent = page.evaluate("sent['/v1/convert']")
    assert (sent["emotion"], json.loads(sent["segments"])[0]["emotion"]) == ("auto", "proud")
    mood.fill("")
    mood.blur()
    expect(mood).to_have_value("neutral")


def test_errors_stand_where_everything_else_does_and_no_engine_is_waited_for_that_is_there(answered: Any) -> None:
    page = answered
    page.add_init_script(TOLD)
    page.goto("/")
    stages = ("transcription_loading", "transcription")
    events = "".join(f"event: progress\ndata: {json.dumps({'stage': stage})}\n\n" for stage in stages)
    page.route("**/v1/jobs/job/events", lambda route: route.fulfill(**DONE | {"body": events + DONE["body"]}))
    give(page)
    page.wait_for_selector(RESULT)
    assert page.evaluate("told.filter(Boolean)") == ["Hearing talk.wav …", "Hearing what was said …"]
    refused = {"status": 422, "json": {"error": {"message": "Nobody speaks."}}}
    page.route("**/v1/recognize", lambda route: route.fulfill(**refused))
    page.get_by_role("button", name="Try again").click()
    problem = page.locator("[role=alert]", has_text="Nobody speaks.")
    problem.wait_for()
    assert problem.evaluate("one => one.getBoundingClientRect().left") == page.locator("h1").evaluate(
        "one => one.getBoundingClientRect().left"
    )


def test_a_language_can_be_chosen_where_an_engine_hears_it_and_notes_fit_a_page(
    answered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = answered
    notes = [
        "Do not rely on the words. If it is another language, say 'language' and its code, or auto to find it out.",
        "It sounds like 'zh': say language=zh, or auto to find it out.",
        "A call: channels=split hears each for itself.",
    ]
    page.route("**/v1/jobs/job/result", lambda route: route.fulfill(json=SAID | {"notes": notes}))
    with monkeypatch.context() as patched:
        patched.setattr(Engines, "check", lambda *_, **__: None)
        for path in ("/both", "/again", "/live", "/"):
            page.goto(path)
            expect(page.get_by_label("Language").locator("option[value=zh]")).to_have_text("Mandarin")
    page.get_by_label("Language").select_option("zh")
    give(page)
    page.wait_for_selector(RESULT)
    for path in ("/v1/audio/transcriptions", "/v1/recognize"):
        assert page.evaluate("path => sent[path].language", path) == "zh"
    expect(page.locator("[data-notes] li")).to_have_text(
        [
            "Do not rely on the words. If it is another language, choose it under Language.",
            "It sounds like 'zh': choose “zh” under Language.",
            "A call: channels=split hears each for itself. (That is a field of the HTTP API.)",
        ]
    )
