"""The page with which people compare voices: it holds all that it needs, and what they answer adds up."""

from __future__ import annotations

import base64
import importlib
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.audio import read_audio, read_information, write_speech
from pipeline.core.values import Audio, Speech

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "docs" / "listening.html"
SENTENCES = ("It is $5 </script><b>today</b>.", "Where is the bank?", "He looked at the snow.")
VOICES = ("youngwoman", "middlemale")
EMOTIONS = ("neutral", "happy", "sad")
SECONDS = 0.4


@pytest.fixture(scope="module")
def benchmarks():
    """The modules that make the page and read the answers."""
    before = set(sys.modules)
    sys.path.insert(0, str(ROOT / "benchmarks"))
    try:
        yield SimpleNamespace(**{name: importlib.import_module(name) for name in ("listening", "rendered")})
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
        for name in set(sys.modules) - before:
            if getattr(sys.modules[name], "__file__", None) and "benchmarks" in str(sys.modules[name].__file__):
                del sys.modules[name]


def folder(benchmarks, path: Path, hertz: float):
    """Write a folder of tones as if a voice had rendered them."""
    path.mkdir()
    sounds = []
    for number, (sentence, voice, emotion) in enumerate((s, v, e) for s in SENTENCES for v in VOICES for e in EMOTIONS):
        times = np.arange(round(SECONDS * 24_000)) / 24_000
        audio = Audio((0.2 * np.sin(2 * np.pi * (hertz + 10 * number) * times)).astype(np.float32), 24_000)
        write_speech(path / f"{number}.wav", Speech(audio, sentence, emotion, voice, path.name))
        sounds.append(benchmarks.rendered.Sound(f"{number}.wav", sentence, voice, emotion))
    made = benchmarks.rendered.Folder(path, path.name, 1.0, tuple(sounds))
    made.write()
    return made


@pytest.fixture(scope="module")
def made(benchmarks, tmp_path_factory):
    place = tmp_path_factory.mktemp("listening")
    folder(benchmarks, place / "before", 200)
    folder(benchmarks, place / "after", 700)
    words = ["listening.py", str(place / "page.html"), "--old", str(place / "before"), "--new", str(place / "after")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", words)
        benchmarks.listening.main()
    return (place / "page.html").read_text(encoding="utf-8")


@pytest.fixture(params=["made", "published"])
def page(request):
    if request.param == "published" and not PUBLISHED.exists():
        pytest.skip("docs/listening.html is not there")
    return PUBLISHED.read_text(encoding="utf-8") if request.param == "published" else request.getfixturevalue("made")


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in tags]


def data_of(page: str) -> dict:
    return json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[0])


def test_the_page_asks_no_host_for_anything(page):
    without_sounds = re.sub(r"data:audio/mpeg;base64,[\w+/=]+", "", page)
    assert not re.search(r"https?:|\b(src|href|action|srcset|poster)\s*=\s*[\"']|url\(|@import", without_sounds)
    assert not re.search(r"fetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|import\(", without_sounds)
    (policy,) = [meta["content"] for meta in Elements(page).of("meta") if meta.get("http-equiv")]
    assert policy is not None
    assert policy.split(";")[0] == "default-src 'none'"
    assert set(re.findall(r"(\S+)-src ([^;]+)", policy)) == {
        ("default", "'none'"),
        ("media", "data:"),
        ("style", "'unsafe-inline'"),
        ("script", "'unsafe-inline'"),
    }
    assert len(page.encode()) < 3_000_000


def test_everything_is_labelled_and_fits_a_narrow_screen(page):
    elements = Elements(page)
    labelled = {label["for"] for label in elements.of("label")}
    fields = [each for each in elements.of("input", "select", "textarea", "progress")]
    assert fields
    assert {field["id"] for field in fields} == labelled
    assert elements.of("html")[0]["lang"] == "en"
    assert any(meta.get("name") == "viewport" for meta in elements.of("meta"))
    assert len(elements.of("h1")) == len(elements.of("main")) == len(elements.of("noscript")) == 1
    assert "color-scheme: light dark" in page
    assert not re.search(r"width:\s*\d{3,}px", page)
    assert all(button.get("type") in {"button", "submit"} for button in elements.of("button"))


def test_every_sound_decodes_says_that_it_is_synthetic_and_is_used(page, tmp_path):
    data = data_of(page)
    assert {number for item in data["items"] for number in item["sounds"]} == set(range(len(data["sounds"])))
    for number, uri in enumerate(data["sounds"]):
        kind, _, content = uri.partition(";base64,")
        assert kind == "data:audio/mpeg"
        path = tmp_path / f"{number}.mp3"
        path.write_bytes(base64.b64decode(content, validate=True))
        audio = read_audio(path)
        assert np.abs(audio.samples).max() > 0.01
        assert read_information(path) is not None


def test_the_three_parts_ask_what_they_should(page):
    items = data_of(page)["items"]
    parts = {part: [item for item in items if item["part"] == part] for part in ("pair", "emotion", "rating")}
    assert all(len(set(item["sounds"])) == 2 for item in parts["pair"])
    asked = [(item["voice"], item["emotion"]) for item in parts["emotion"]]
    assert len(asked) == len(set(asked))
    assert {voice for voice, _ in asked} == {item["voice"] for item in parts["pair"]}
    assert {item["emotion"] for item in parts["pair"]} == {emotion for _, emotion in asked}
    engines = [item["engine"] for item in parts["rating"]]
    assert engines.count("old") == engines.count("new") > 0
    assert all(item["engine"] == "new" for item in parts["emotion"])


def test_sounds_are_those_of_their_sentence(made, tmp_path):
    """Each tone has a frequency of its own."""
    data = data_of(made)
    numbers = [(s, v, e) for s in SENTENCES for v in VOICES for e in EMOTIONS]
    for item in data["items"]:
        engines = ("old", "new") if item["part"] == "pair" else (item["engine"],)
        for engine, number in zip(engines, item["sounds"], strict=True):
            audio = read_audio(base64.b64decode(data["sounds"][number].partition(",")[2]))
            peak = np.abs(np.fft.rfft(audio.samples)).argmax() / audio.duration
            place = numbers.index((item["sentence"], item["voice"], item["emotion"]))
            assert peak == pytest.approx({"old": 200, "new": 700}[engine] + 10 * place, abs=4)


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_script_can_be_parsed(page, tmp_path):
    script = tmp_path / "page.js"
    script.write_text(re.findall(r"<script>(.*?)</script>", page, re.DOTALL)[0], encoding="utf-8")
    assert subprocess.run(["node", "--check", script], capture_output=True, timeout=60).returncode == 0


def answered(part: str, answer: str, emotion: str = "happy", engine: str = "") -> dict:
    return {"part": part, "answer": answer, "emotion": emotion, "voice": "youngman", "sentence": "x", "engine": engine}


def saved(path: Path, session: str, answers: list[dict], **changes) -> Path:
    values = {"resay_listening": 1, "page": "x", "session": session, "listener": {}, "answers": answers} | changes
    path.write_text(json.dumps(values), encoding="utf-8")
    return path


def test_answers_of_several_people_are_added_up(benchmarks, tmp_path, capsys):
    first = [answered("pair", "new")] * 6 + [answered("pair", "old")] * 2 + [answered("pair", "none")] * 2
    first += [answered("emotion", "happy"), answered("emotion", "unknown"), answered("rating", "4", engine="new")]
    second = [answered("pair", "new", "neutral")] * 2 + [answered("rating", "2", engine="new")]
    paths = [
        saved(tmp_path / "1.json", "a", first[:3]),
        saved(tmp_path / "2.json", "a", first),
        saved(tmp_path / "3.json", "b", second),
    ]
    benchmarks.listening.summed_up(paths)
    told = capsys.readouterr().out
    assert "2 people, 16 answers" in told
    assert "| all | 80% (49% to 94%; 10) | 17% (5% to 45%; 12) |" in told
    assert "| neutral | 100% (34% to 100%; 2) | 0% (0% to 66%; 2) |" in told
    assert "| happy | 50% (9% to 91%; 2) |" in told
    assert "| all |  | 3.00 ± 1.96 (2) |" in told


@pytest.mark.parametrize(
    ("answers", "changes"),
    [
        ([answered("rating", "6")], {}),
        ([answered("pair", "happy")], {}),
        ([answered("song", "new")], {}),
        ([{"part": "pair", "answer": "new"}], {}),
        ([], {"resay_listening": 2}),
        ("nothing", {}),
    ],
)
def test_files_that_are_no_answers_are_refused(benchmarks, tmp_path, answers, changes):
    with pytest.raises(SystemExit, match=r"1\.json does not hold the answers"):
        benchmarks.listening.answers_of([saved(tmp_path / "1.json", "a", answers, **changes)])


def test_folders_with_nothing_in_common_are_refused(benchmarks, tmp_path):
    made = folder(benchmarks, tmp_path / "made", 300)
    other = benchmarks.rendered.Folder(tmp_path, "x", 1.0, ())
    with pytest.raises(SystemExit, match="in common"):
        benchmarks.listening.page_of(other, made)
    with pytest.raises(SystemExit, match="is no folder of rendered sounds"):
        benchmarks.rendered.Folder.read(tmp_path)
