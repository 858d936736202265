"""The page Calls in a browser: alerts appear, calls are searched, opened and heard, without a mouse."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from pipeline.batch.journal import content_digest
from pipeline.core.options import ServerOptions
from pipeline.store.models import CallAlert
from pipeline.store.store import Store, call_of
from pipeline.web.server import address_of, listen, run
from tests.patience import PATIENCE, until
from tests.store.test_store import alert, said
from tests.web.conftest import EXAMPLE
from tests.web.pages.conftest import expect

pytest.importorskip("sqlalchemy")


@pytest.fixture
def where(tmp_path: Path) -> Path:
    return tmp_path / "calls.sqlite"


@pytest.fixture
def store(where: Path) -> Iterator[Store]:
    store = Store(str(where))
    yield store
    store.close()


@pytest.fixture
def address(make_app: Callable[..., FastAPI], store: Store, where: Path) -> str:
    """The server of `page` has calls."""
    listening = listen(ServerOptions(port=0))
    started = threading.Event()
    app = make_app(database=str(where))
    threading.Thread(target=run, args=(app, listening, started.set), daemon=True).start()
    assert started.wait(PATIENCE)
    return address_of(listening)


def add(store: Store, tmp_path: Path, name: str, text: str, *alerts: CallAlert, customer: str = "Anna") -> None:
    path = tmp_path / name
    path.write_bytes(EXAMPLE.read_bytes() + name.encode())
    call = call_of(str(path), customer=customer, digest=content_digest(path), duration=12, model="test")
    store.add(call, [said(text)], alerts)


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    context = browser.new_context(base_url=address, viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    context.set_default_timeout(1000 * PATIENCE)
    page = context.new_page()
    wrong: list[str] = []
    page.on("request", lambda request: request.url.startswith(address) or wrong.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: message.type == "error" and wrong.append(message.text))
    yield page
    context.close()
    assert wrong == []


def test_alerts_appear_and_are_heard(
    page: Any, store: Store, tmp_path: Path, is_accessible: Callable[[Any], None], tab_to: Callable[[Any, str], None]
) -> None:
    page.goto("/calls")
    page.get_by_text("No call is like that.").wait_for()
    is_accessible(page)
    add(store, tmp_path, "first.wav", "Thank you.")
    add(store, tmp_path, "second.wav", "I want to cancel my contract.", alert(start=1.0, severity="high"))
    page.get_by_text("2 new calls, 1 alert.").wait_for()
    shown = page.locator("tbody tr").first.locator("td")
    expect(shown).to_have_text([re.compile("."), "Anna", "0:12", "angry high", "second.wav"], use_inner_text=True)
    tab_to(page, "tbody a")
    page.keyboard.press("Enter")
    page.locator("#call:not([hidden])").wait_for()
    expect(page.locator("#call h2")).to_have_text("Call 2: second.wav")
    expect(page.locator("#call-title")).to_be_focused()
    is_accessible(page)
    tab_to(page, "[data-alerts] button")
    page.keyboard.press("Enter")
    until(lambda: page.evaluate("document.querySelector('audio').currentTime") > 1.05)


def test_calls_with_the_keyboard_alone(page: Any, store: Store, tmp_path: Path, tab_to: Any, walk: Any) -> None:
    add(store, tmp_path, "first.wav", "I want to cancel.", alert())
    for number in range(50):
        add(store, tmp_path, f"{number}.wav", "Thank you.")
    page.goto("/calls")
    page.get_by_text("51 calls, 50 of them shown.").wait_for()
    tab_to(page, "[data-more]")
    page.keyboard.press("Space")
    expect(page.locator("tbody a").nth(50)).to_be_focused()
    tab_to(page, "[name=which]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "[data-search] button")
    page.keyboard.press("Enter")
    page.get_by_text("1 call.").wait_for()
    walk(page)
    tab_to(page, "tbody a")
    page.keyboard.press("Enter")
    expect(page.locator("#call-title")).to_be_focused()
    walk(page)


def test_calls_fit_a_telephone(page: Any, store: Store, tmp_path: Path) -> None:
    """Nothing lies beyond the edge; what matters comes first."""
    add(store, tmp_path, f"{'a-long-name-' * 5}.wav", "I want to cancel.", alert(start=1.0, severity="high"))
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/calls")
    page.get_by_text("1 call.").wait_for()
    assert page.locator("[data-list]").evaluate("one => one.scrollWidth <= one.clientWidth")
    tops = [page.locator(f"tbody {what}").bounding_box()["y"] for what in ("a", ".chip", "time")]
    assert tops == sorted(tops)
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("columnheader", name="Alerts")).to_have_count(1)


def test_calls_are_searched(page: Any, store: Store, tmp_path: Path) -> None:
    add(store, tmp_path, "first.wav", "Thank you.")
    add(store, tmp_path, "second.wav", "I want to cancel <b>my</b> contract.", alert(), customer="<i>Ben</i>")
    page.goto("/calls")
    page.get_by_text("2 calls.").wait_for()
    page.locator("[name=search]").fill("CONTRACT")
    page.keyboard.press("Enter")
    page.get_by_text("1 call.").wait_for()
    expect(page.locator("tbody tr td").nth(1)).to_have_text("<i>Ben</i>")
    expect(page.locator("[data-table]")).to_have_attribute("href", re.compile("search=CONTRACT"))
    expect(page.locator("[data-day-status]")).to_have_text("2 calls, 1 alert, none of them high.")
    page.locator("[data-day]").fill("2001-01-01")
    page.get_by_text("no calls, no alerts, none of them high.").wait_for()


def test_waits_are_said_and_what_comes_late_is_not_shown(page: Any, store: Store, tmp_path: Path) -> None:
    """Place that says a wait, what it says, and the address whose answer is held back."""
    add(store, tmp_path, "first.wav", "Thank you.")
    add(store, tmp_path, "second.wav", "I want to cancel.", alert())
    page.goto("/calls")
    page.get_by_text("1 alert, none of them high.").wait_for()
    waits = (
        ("[data-status]", "Loading the calls …", "**/v1/calls?*search=cancel*"),
        ("[data-day-status]", "Loading the day …", "**/v1/calls/hours/2001-01-01"),
        ("[data-call-status]", "Loading the call …", "**/v1/calls/1"),
    )
    held: list[Any] = []
    for _, _, address in waits:
        page.route(address, lambda route: held.append(route))
    page.locator("[name=search]").fill("cancel")
    page.keyboard.press("Enter")
    page.locator("[data-day]").fill("2001-01-01")
    page.evaluate("location.hash = 'call-1'")
    for place, words, _ in waits:
        page.locator(place, has_text=words).wait_for()
    until(lambda: len(held) == len(waits))
    page.locator("[name=search]").fill("")
    page.keyboard.press("Enter")
    page.get_by_text("2 calls.").wait_for()
    page.evaluate("location.hash = 'call-2'")
    page.get_by_role("heading", name="Call 2: second.wav").wait_for()
    for route in held:
        with page.expect_response(route.request.url):
            route.continue_()
    page.get_by_text("no calls, no alerts, none of them high.").wait_for()
    expect(page.locator("[data-status]")).to_have_text("2 calls.")
    expect(page.locator("#call h2")).to_have_text("Call 2: second.wav")
    expect(page.locator("[data-call-status]")).to_have_text("")
