"""Pictures of the pages, as the documents show them: light and dark, live captions, calls, small and enlarged.

    python benchmarks/page_pictures.py docs

A server with the shipped engines and made-up calls runs in this process, and Chromium without a window opens its pages;
its microphone plays the example of the pages. With names, such as `pages-live`, only those pictures are made.
"""

from __future__ import annotations

import common  # isort: skip

import datetime
import io
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from pipeline.audio import read_audio
from pipeline.batch.journal import content_digest
from pipeline.chain.engines import Engines
from pipeline.core.options import EngineSettings, ServerOptions
from pipeline.core.settings import Settings, load_settings
from pipeline.core.values import EmotionScores, Segment
from pipeline.store.models import CallAlert
from pipeline.store.store import Store, call_of
from pipeline.web.app import create_app
from pipeline.web.server import address_of, listen, run

SOUND = common.ROOT / "pipeline" / "web" / "pages" / "static" / "example.mp3"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1000, 820
"""Of most windows, in pixels."""
GAP = 16
"""Pixels between parts of a picture."""
PATIENCE = 120_000
"""Milliseconds that a page may take for anything."""
RESULT = "#result:not([hidden])"
CALLS = (
    ("Anna Berg", 12, "Thank you, that helps.", ""),
    ("Ben Adler", 52, "I want to cancel my contract.", "high"),
    ("Carla Diaz", 92, "When will it arrive?", ""),
    ("Dora Novak", 132, "This is the third time that I call.", "medium"),
)
"""Customer, seconds, words, and severity of the alert, if there is one."""


def main() -> None:
    options = common.parser(__doc__)
    options.add_argument("folder", type=common.folder, help="where the pictures go")
    options.add_argument("names", nargs="*", choices=[*PICTURES, []], metavar="NAME", help=f"of {', '.join(PICTURES)}")
    arguments = options.parse_args()
    engines = Engines(EngineSettings())
    with tempfile.TemporaryDirectory() as place, sync_playwright() as started:
        with browser(started, Path(place)) as opened, calls(Path(place)) as database:
            plain, with_calls = (serving(engines, database=each) for each in ("", database))
            for name in arguments.names or PICTURES:
                address = with_calls if name == "pages-calls" else plain
                picture = PICTURES[name](Pages(opened, address))
                picture.save(arguments.folder / f"{name}.png", optimize=True)
                print(arguments.folder / f"{name}.png", *picture.size)


def serving(engines: Engines, **values: Any) -> str:
    """Start a server in a thread, and return its address."""
    settings = Settings.model_validate(dict(load_settings(environment={})[0]) | values)
    listening, started = listen(ServerOptions(port=0)), threading.Event()
    threading.Thread(
        target=run, args=(create_app(settings, engines=engines), listening, started.set), daemon=True
    ).start()
    started.wait()
    return address_of(listening)


@contextmanager
def browser(started: Playwright, place: Path) -> Iterator[Callable[[], Browser]]:
    """Give what opens a browser, whose microphone begins to hear the example; each of them is closed in the end."""
    microphone, opened = place / "microphone.wav", list[Browser]()
    said = read_audio(SOUND, sample_rate=48_000).samples
    soundfile.write(microphone, np.concatenate([said, np.zeros(480_000, np.float32)]), 48_000, subtype="PCM_16")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        raise SystemExit("There is no Chromium on this machine: apt-get install chromium.")

    def open_one() -> Browser:
        arguments = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        arguments += ["--autoplay-policy=no-user-gesture-required", f"--use-file-for-fake-audio-capture={microphone}"]
        opened.append(started.chromium.launch(executable_path=program, args=arguments))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@contextmanager
def calls(place: Path) -> Iterator[str]:
    """Give a database with calls."""
    database, hour = place / "calls.sqlite", datetime.timedelta(hours=1)
    store = Store(str(database))
    morning = datetime.datetime.now().astimezone().replace(hour=9, minute=5)
    for number, (customer, seconds, text, severity) in enumerate(CALLS, 1):
        path = place / f"call-{number}.mp3"
        path.write_bytes(SOUND.read_bytes() + bytes([number]))
        share = 0.8 if severity else 0.1
        scores = EmotionScores(("angry", "neutral"), (share, 1 - share), model="example")
        alert = {
            "emotion": "angry", "speaker": "customer", "start": 1.0, "end": 6.0, "seconds": 5.0, "score": share,
            "severity": severity, "words": text, "reason": f"angry {share:.2f} for 5.0 s: “{text}”", "ended": True,
        }  # fmt: skip
        call = call_of(
            str(path), customer=customer, recorded_at=morning + hour * (number // 2), digest=content_digest(path),
            duration=seconds, model="example",
        )  # fmt: skip
        said = Segment(1.0, 6.0, text, emotion=scores, speaker="customer")
        store.add(call, [said], [CallAlert(**alert)] if severity else [])
    yield str(database)
    store.close()


class Pages:
    """Opens pages of a server.

    Args:
        open_browser: Opens a browser of its own, as its microphone begins anew.
        address: Of the server.
    """

    def __init__(self, open_browser: Callable[[], Browser], address: str) -> None:
        self._open, self._address = open_browser, address

    def open(self, path: str, width: int = WIDTH, height: int = HEIGHT, scale: float = 1) -> Page:
        """Open a page in a window of some size, in CSS pixels, each of them `scale` pixels of the picture."""
        size: Any = {"width": width, "height": height}
        page = self._open().new_page(
            base_url=self._address, viewport=size, device_scale_factor=scale, reduced_motion="reduce"
        )
        page.set_default_timeout(PATIENCE)
        page.goto(path)
        return page

    def live(self, phrases: int, *size: int) -> Page:
        """Open live captions, and wait until some phrases are there."""
        page = self.open("/live", *size)
        page.click("[data-listen]")
        page.locator(".caption").nth(phrases - 1).wait_for()
        page.wait_for_timeout(2000)  # For their emotions.
        return page


def shot(page: Page, *, part: str = "", whole: bool = False) -> Image.Image:
    """Return a picture of a window, of a part of it, or of the whole page."""
    data = page.locator(part).screenshot() if part else page.screenshot(full_page=whole)
    return Image.open(io.BytesIO(data)).convert("RGB")


def beside(*parts: Image.Image) -> Image.Image:
    """Return pictures side by side, on white."""
    size = sum(each.width + GAP for each in parts) - GAP, max(each.height for each in parts)
    return placed(size, parts, lambda each: (each.width + GAP, 0))


def below(*parts: Image.Image) -> Image.Image:
    """Return pictures one below the other, on white, in the middle."""
    size = max(each.width for each in parts), sum(each.height + GAP for each in parts) - GAP
    return placed(size, parts, lambda each: (0, each.height + GAP), middle=True)


def placed(
    size: tuple[int, int],
    parts: tuple[Image.Image, ...],
    step: Callable[[Image.Image], tuple[int, int]],
    *,
    middle: bool = False,
) -> Image.Image:
    """Return a picture of some size that holds others, each a step after the one before."""
    whole, left, top = Image.new("RGB", size, "white"), 0, 0
    for each in parts:
        whole.paste(each, ((size[0] - each.width) // 2 if middle else left, top))
        left, top = left + step(each)[0], top + step(each)[1]
    return whole


def example(pages: Pages, path: str, shown: str) -> Page:
    """Open a page with the result of the example, seen from its beginning."""
    page = pages.open(path)
    page.click("[data-example]")
    page.wait_for_selector(shown)
    page.wait_for_timeout(1500)  # For what is drawn.
    page.mouse.move(0, 0)
    page.evaluate("scrollTo(0, 0)")
    return page


def speech(pages: Pages) -> Image.Image:
    return shot(example(pages, "/", RESULT), whole=True)


def again(pages: Pages) -> Image.Image:
    page = example(pages, "/again", "#edit:not([hidden])")
    page.select_option("[data-theme-choice]", "dark")
    page.locator("[data-mood]").first.fill("proud")
    page.click("#edit .primary")
    page.wait_for_selector(RESULT)
    page.wait_for_timeout(1500)
    page.evaluate("scrollTo(0, 0)")
    return shot(page, whole=True)


def live(pages: Pages) -> Image.Image:
    page = pages.live(4)
    parts = [shot(page)]
    for style in ("emotion", "prosody"):
        page.check(f"[name=look][value={style}]")
        page.wait_for_timeout(800)
        parts.append(shot(page, part="[data-captions]"))
    return below(*parts)


def small(pages: Pages) -> Image.Image:
    return beside(
        shot(pages.open("/", 320, 640)), shot(pages.live(2, 320, 640)), shot(pages.open("/both", 430, 320, scale=2))
    )


def watched(pages: Pages) -> Image.Image:
    page = pages.open("/calls")
    page.locator("tbody a").nth(2).click()
    page.locator("#call:not([hidden])").wait_for()
    page.wait_for_timeout(1500)
    wide = shot(page, whole=True)
    narrow = pages.open("/calls", 320, wide.height)
    narrow.locator("tbody a").first.wait_for()
    return beside(wide, shot(narrow))


def both(pages: Pages) -> Image.Image:
    page = example(pages, "/", RESULT)
    page.locator("#result").evaluate("one => scrollTo(0, one.offsetTop - 16)")
    captions = pages.live(4)
    captions.check("[name=look][value=prosody]")
    captions.wait_for_timeout(800)
    captions.evaluate("scrollTo(0, 0)")
    parts = (shot(page), shot(captions))
    return beside(
        *(each.resize((7 * each.width // 10, 7 * each.height // 10), Image.Resampling.LANCZOS) for each in parts)
    )


PICTURES: dict[str, Callable[[Pages], Image.Image]] = {
    "pages": both, "pages-speech": speech, "pages-again": again, "pages-live": live, "pages-small": small,
    "pages-calls": watched,
}  # fmt: skip
"""Name of a picture to what makes it."""

if __name__ == "__main__":
    main()
