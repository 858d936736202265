"""Sound lies where a player shows it, whatever the container; the right track and channels are heard."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pipeline.audio import AudioLimits, SoundChoice, read_audio, read_parts
from pipeline.core.errors import AudioTooLarge, UnreadableAudio
from tests.audio.cases import Case
from tests.films import RATE, Sound, edited, film, marks, plain, since, tagged


def started(seconds: float, at: float = 1.0) -> Sound:
    """A track of three seconds that starts late, with a tone `at` seconds after its start."""
    return Sound([(seconds, marks(3, at))])


def gap(at: float = 4.0) -> Sound:
    """A track of one second with a tone at 0.5, and of two from `at` seconds on with a tone half a second later."""
    return Sound([(0, marks(1, 0.5)), (at, marks(2, 0.5))])


def late(kind: str, codec: str, start: float = 2.0, **more) -> Callable[[], bytes]:
    return lambda: film(kind, codec, started(start), **more)


def with_gap(kind: str, codec: str, at: float = 4.0, **more) -> Callable[[], bytes]:
    return lambda: film(kind, codec, gap(at), **more)


OVERLAPPING = Sound([(0, marks(1, 0.5)), (0.9, marks(2, 0.5))], frame=9600)
SIX = Sound([(0, marks(6, 1, 4))])
AAC, LAME = 1024 / RATE, 1105 / RATE
"""Seconds by which an encoder is late where the container has no room to say so: a player shows it late, too."""

PICTURE = {"picture": (0.0, 6.0)}

TIMES = [
    Case("mp4 aac", late("mp4", "aac", 0), [1]),
    Case("m4a aac, at once", lambda: film("ipod", "aac", Sound([(0, marks(2, 0.1))])), [0.1]),
    Case("mp4 aac, late in a video", late("mp4", "aac", **PICTURE), [3]),
    Case("mp4 aac, late and alone", late("mp4", "aac"), [3]),
    Case("mp4 aac, gap", with_gap("mp4", "aac"), [0.5, 4.5], seconds=6),
    Case("mp4 aac, gap in a video", with_gap("mp4", "aac", **PICTURE), [0.5, 4.5], seconds=6),
    Case("mp4 aac, edit list cuts half a second", late("mp4", "aac", -0.5), [0.5]),
    Case("mp4 alac, late", late("mp4", "alac", **PICTURE), [3]),
    Case("mp4 alac, gap", with_gap("mp4", "alac"), [0.5, 4.5], seconds=6),
    Case("mp4 alac, edit list cuts half a second", late("mp4", "alac", -0.5), [0.5]),
    Case("mp4 opus, late", late("mp4", "libopus", **PICTURE), [3]),
    Case("mp4 mp3, gap", with_gap("mp4", "libmp3lame"), [0.5, 4.5]),
    Case("mp4 aac in fragments, late in a video", late("mp4", "aac", fragments=True, **PICTURE), [3]),
    Case("mp4 aac in fragments, gap", with_gap("mp4", "aac", fragments=True), [AAC + 0.5, AAC + 4.5]),
    Case("mp4 aac in fragments, live", lambda: since(late("mp4", "aac", 0, fragments=True)(), 100), [AAC + 1]),
    Case("3gp aac, gap", with_gap("3gp", "aac"), [0.5, 4.5], seconds=6),
    Case("mov pcm, late in a video", late("mov", "pcm_s16le", **PICTURE), [3]),
    Case("mov pcm, edit list cuts half a second", late("mov", "pcm_s16le", -0.5), [0.5]),
    Case("mov aac, starts by 0.3 s", late("mov", "aac", 0.3, **PICTURE), [1.3]),
    *(
        Case(f"mov pcm, edit list {name}", lambda edits=edits: edited(film("mov", "pcm_s16le", SIX), *edits), times)
        for name, edits, times in (
            ("of two seconds", [(2000, 0)], [1]),
            ("without a length", [(0, 0)], [1, 4]),
            ("without a length, from half a second on", [(0, RATE // 2)], [0.5, 3.5]),
            ("of two parts", [(2000, 0), (3000, 3 * RATE)], [1, 3]),
            ("with a gap at the beginning", [(1500, -1), (6000, 0)], [2.5, 5.5]),
            ("with a gap at the beginning, without a length", [(1500, -1), (0, 0)], [2.5, 5.5]),
            ("with a gap in the middle", [(2000, 0), (1000, -1), (3000, 3 * RATE)], [1, 4]),
            ("with two gaps", [(1000, -1), (2000, 0), (2000, -1), (2000, 3 * RATE)], [2, 6]),
            ("with the parts in another order", [(3000, 3 * RATE), (3000, 0)], [1, 4]),
        )
    ),
    *(
        Case(
            f"{kind} {codec}, edit list with a gap in the middle",
            lambda kind=kind, codec=codec: edited(film(kind, codec, SIX), (2000, 0), (1000, -1), (3000, 3 * RATE)),
            times,
        )
        for kind, codec, times in (
            ("mov", "pcm_f32le", [1, 4]),
            ("mov", "adpcm_ima_qt", [1, 4]),
            # The edits do not cut off what the encoder put first.
            ("mp4", "aac", [1 + AAC, 4 + AAC]),
            ("mp4", "libopus", [1.007, 4.007]),
        )
    ),
    Case("mkv aac, late in a video", late("matroska", "aac", **PICTURE), [3]),
    Case("mkv aac, late in a video, sound first", late("matroska", "aac", picture_last=True, **PICTURE), [3]),
    Case("mp4 aac, late in a video, sound first", late("mp4", "aac", picture_last=True, **PICTURE), [3]),
    Case("mkv aac, late and alone", late("matroska", "aac"), [3]),
    Case("mkv aac, at once", lambda: film("matroska", "aac", Sound([(0, marks(2, 0.1))])), [0.1]),
    Case("mkv opus, gap", with_gap("matroska", "libopus"), [0.5, 4.5], seconds=6),
    Case("mkv flac, gap in a video", with_gap("matroska", "flac", **PICTURE), [0.5, 4.5], seconds=6),
    Case("mkv mp3, gap", with_gap("matroska", "libmp3lame"), [0.5, 4.5], seconds=6),
    Case("mkv pcm, late", late("matroska", "pcm_s16le", **PICTURE), [3]),
    Case("mkv flac, gap of ten minutes", with_gap("matroska", "flac", 600.0), [0.5, 600.5], seconds=602),
    Case(
        "mkv pcm, stamps overlap by 0.1 s", lambda: film("matroska", "pcm_s16le", OVERLAPPING), [0.5, 1.4], seconds=2.9
    ),
    Case("webm opus, at once", lambda: film("webm", "libopus", Sound([(0, marks(2, 0.1))])), [0.1]),
    Case("webm opus, late in a video", late("webm", "libopus", picture=(0, 0.4), picture_codec="libvpx"), [3]),
    Case("webm opus, live since an hour", late("webm", "libopus", 3600, live=True), [1]),
    Case("mkv aac, live and late in a video", late("matroska", "aac", **PICTURE, live=True), [3]),
    Case("webm opus, gap", with_gap("webm", "libopus"), [0.5, 4.5], seconds=6),
    Case("ts aac, late in a video", late("mpegts", "aac", **PICTURE), [3]),
    Case("ts aac, gap in a video", with_gap("mpegts", "aac", **PICTURE), [AAC + 0.5, AAC + 4.5]),
    Case("ts mp2, gap", with_gap("mpegts", "mp2"), [0.5, 4.5]),
    Case("ts aac, clock begins at an hour", late("mpegts", "aac", 3602, picture=(3600, 3606)), [3]),
    Case("ts aac, clock leaps an hour", with_gap("mpegts", "aac", 3600.0), [AAC + 0.5, AAC + 1.5], seconds=3),
    Case(
        "ts aac, two files in one",
        lambda: 2 * film("mpegts", "aac", started(0)),
        [AAC + 1, AAC + 4.03],
        seconds=6,
    ),
    Case("flv aac, gap", with_gap("flv", "aac"), [AAC + 0.5, AAC + 4.5]),
    Case("flv aac, clock begins at an hour", late("flv", "aac", 3600), [AAC + 1]),
    Case("ogg opus, at once", lambda: film("ogg", "libopus", Sound([(0, marks(2, 0.1))])), [0.1]),
    Case("ogg opus, gap", with_gap("ogg", "libopus"), [0.5, 4.5], seconds=6),
    *(
        Case(f"ogg {codec}, live", lambda codec=codec: since(film("ogg", codec, SIX), 100), [1, 4], seconds=6)
        for codec in ("libopus", "flac")
    ),
    Case("ogg flac, gap", with_gap("ogg", "flac"), [0.5, 4.5], seconds=6),
    Case("avi mp3", late("avi", "libmp3lame", 0, **PICTURE), [LAME + 1]),
    Case("avi mp3, late", late("avi", "libmp3lame"), [3]),
    Case("avi mp3, late in a video", late("avi", "libmp3lame", **PICTURE), [3]),
    Case("avi ac3, gap in a video", with_gap("avi", "ac3", **PICTURE), [0.5, 4.5]),
    Case("avi pcm", late("avi", "pcm_s16le", 0, **PICTURE), [1]),
    Case("avi ac3", late("avi", "ac3", 0, **PICTURE), [1], seconds=3),
    Case("avi eac3", late("avi", "eac3", 0, **PICTURE), [1], seconds=3),
    Case("caf alac", lambda: plain(marks(3, 0.1, 2), "CAF", "ALAC_16"), [0.1, 2], seconds=3),
    Case("mp3, at once", lambda: film("mp3", "libmp3lame", Sound([(0, marks(2, 0.1))])), [0.1], seconds=2),
    Case("aac, quiet start and no stated length", lambda: film("adts", "aac", Sound([(0, marks(60, 55))])), [AAC + 55]),
    Case("mp4, the sound ends before the picture", lambda: film("mp4", "aac", started(0), picture=(0, 12)), [1]),
    Case("mkv, the sound ends before the picture", lambda: film("matroska", "aac", started(0), picture=(0, 12)), [1]),
    Case("mkv, the picture ends before the sound", late("matroska", "aac", 2, picture=(0, 1)), [3]),
]


def tracks(kind: str, *sounds: tuple[str, float, str], codec: str = "aac") -> Callable[[], bytes]:
    """A film with tracks: language, pitch of the tones in hertz, and `d` (default), `c` (commentary) or a title."""

    def make() -> bytes:
        made = [
            Sound(
                [(0, marks(3, 1, hertz=hertz))],
                language,
                default=mark == "d",
                comment=mark == "c",
                title=mark if len(mark) > 1 else "",
            )
            for language, hertz, mark in sounds
        ]
        return film(kind, codec, *made, picture=(0, 3))

    return make


EN_DE = (("eng", 500, "d"), ("deu", 1500, ""))
DE_EN = (("ger", 500, "d"), ("eng", 1500, ""))
BARE = (("", 500, ""), ("", 1500, "d"))
COMMENTED = (("eng", 500, "c"), ("eng", 1500, ""))
TITLED = (("eng", 500, "Commentary by the director"), ("eng", 1500, "Film"))

TRACKS = [
    Case("mkv, language wins", tracks("matroska", *DE_EN), [1], "Number 2", {"language": "en"}, 1500),
    Case("mp4, language wins", tracks("mp4", *DE_EN), [1], "Number 2", {"language": "en"}, 1500),
    Case("ts, language wins", tracks("mpegts", *DE_EN), [AAC + 1], "Number 2", {"language": "en"}, 1500),
    Case("mkv, region of a language", tracks("matroska", *DE_EN), [1], "1 (ger), 2 (eng)", {"language": "en-GB"}, 1500),
    Case("mkv, code of two letters", tracks("matroska", *DE_EN), [1], "Number 1", {"language": "de"}, 500),
    Case("mkv, no such language", tracks("matroska", *DE_EN), [1], "Number 1", {"language": "fr"}, 500),
    Case("mkv, no language asked for", tracks("matroska", *EN_DE), [1], "2 sound tracks", {}, 500),
    Case("mkv, the default track", tracks("mp4", *BARE), [1], "Number 2", {}, 1500),
    Case("mkv, the first of equals", tracks("matroska", ("eng", 500, ""), ("eng", 1500, "")), [1], "Number 1", {}, 500),
    Case("mkv, no commentary", tracks("matroska", *COMMENTED), [1], "Number 2", {"language": "en"}, 1500),
    Case("mkv, no commentary by its title", tracks("matroska", *TITLED), [1], "Number 2", {}, 1500),
    Case("mkv, by number", tracks("matroska", *EN_DE), [1], "Number 2", {"track": "2", "language": "en"}, 1500),
    Case("mkv, by language", tracks("matroska", *EN_DE), [1], "Number 2", {"track": "de", "language": "en"}, 1500),
    Case("mp4, by code of three letters", tracks("mp4", *EN_DE), [1], "Number 2", {"track": "ger"}, 1500),
    Case(
        "mkv, the first one silent",
        lambda: film("matroska", "aac", Sound([(0, 0 * marks(3, 1))]), Sound([(0, marks(3, 1))])),
        [],
        "Number 1 is heard. It holds only silence. --track N",
    ),
    Case("one track of another language", tracks("matroska", ("fra", 500, "d")), [1], "", {"language": "en"}, 500),
]


TEN = marks(10, 1)


def twice(kind: str, codec: str = "", **more) -> Callable[[], bytes]:
    """Two recordings one after another in a file, the second one with its tone at two seconds."""
    one, other = marks(3, 1), marks(3, 2)
    if not codec:
        return lambda: plain(one, kind) + plain(other, kind)
    return lambda: b"".join(film(kind, codec, Sound([(0, part)]), **more) for part in (one, other))


FOLLOWS = "another recording follows the first one. It is not heard"


def rates(kind: str, codec: str, first: int, second: int) -> Callable[[], bytes]:
    """As `twice`, each recording with a rate of its own."""
    parts = ((first, 1), (second, 2))
    return lambda: b"".join(film(kind, codec, Sound([(0, marks(3, at, rate=rate))], rate=rate)) for rate, at in parts)


TWO_IN_ONE = [
    Case("aac, from 44.1 to 16 kHz", rates("adts", "aac", 44_100, 16_000), [1.02, 5.10], seconds=6.1),
    Case("aac, from 32 to 48 kHz", rates("adts", "aac", 32_000, 48_000), [1.03, 5.06], seconds=6.1),
    Case("ac3, from 48 to 32 kHz", rates("ac3", "ac3", 48_000, 32_000), [1.005, 5.016], seconds=6.03),
    Case("mp3, from 32 to 48 kHz", rates("mp3", "libmp3lame", 32_000, 48_000), [1, 5.097]),
    Case("mp3, junk behind it", lambda: film("mp3", "libmp3lame", Sound([(0, marks(3, 1))])) + bytes(200_000), [1]),
    *(
        Case(f"two {kind}", twice(kind), [1], FOLLOWS, seconds=3)
        for kind in ("WAV", "RF64", "W64", "AIFF", "CAF", "AU")
    ),
    Case("two WAV behind a tag", lambda: tagged(twice("WAV")()), [1], FOLLOWS),
    Case("two FLAC", twice("FLAC"), [1], FOLLOWS),
    Case("two mp4", twice("mp4", "aac"), [1], FOLLOWS),
    Case("two mov", twice("mov", "pcm_s16le"), [1], FOLLOWS),
    Case("two mkv", twice("matroska", "flac"), [1, 5]),
    Case("two ogg", twice("ogg", "libopus"), [1, 5.008]),
    Case("junk behind a WAV", lambda: plain(marks(3, 1)) + np.random.default_rng(1).bytes(200_000), [1]),
    Case("a tag behind a WAV", lambda: plain(marks(3, 1)) + b"TAG" + bytes(125), [1], seconds=3),
]

CASES = [*TIMES, *TRACKS, *TWO_IN_ONE]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_sound_is_where_it_belongs(case: Case) -> None:
    case.check()


@pytest.mark.parametrize(
    "make",
    [
        late("matroska", "flac", 1e6),
        late("mp4", "alac", 9000, picture=(0, 1)),
        with_gap("matroska", "flac", 1e6),
        with_gap("mp4", "alac", 40_000),
        with_gap("webm", "libopus", 10_000),
        with_gap("ogg", "libopus", 10_000),
    ],
)
def test_a_gap_beyond_the_limit_is_refused_at_once(make: Callable[[], bytes]) -> None:
    with pytest.raises(AudioTooLarge, match=r"is longer than 7,200 seconds: its time stamps leave [0-9,]{5,} seconds"):
        read_audio(make())


def test_a_gap_within_the_limit_costs_no_memory() -> None:
    pieces = [(0, marks(1, 0.5, rate=8000)), (10_000, marks(2, 0.5, rate=8000))]
    data = film("matroska", "flac", Sound(pieces, rate=8000))
    seconds = loud = 0.0
    for part in read_parts(data, seconds=60, limits=AudioLimits(max_seconds=86_400)):
        assert part.duration <= 60
        loud += bool(part.samples.any())
        seconds += part.duration
    assert (seconds, loud) == (pytest.approx(10_002, abs=0.6), 2)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"track": "3"}, r"has no sound track 3, but 1 \(eng\), 2 \(deu\)\. Give --track one of these"),
        ({"track": "fr"}, r"has no sound track fr, but 1 \(eng\), 2 \(deu\)\. Give --track one of these"),
        ({"channels": "2"}, "has one channel: there is no channel 2"),
    ],
)
def test_what_is_not_there_is_refused_with_the_name(ask: dict[str, str], said: str, tmp_path) -> None:
    path = tmp_path / "film.mkv"
    path.write_bytes(tracks("matroska", *EN_DE)())
    with pytest.raises(UnreadableAudio, match=rf"film\.mkv {said}") as refused:
        read_audio(path, choice=SoundChoice(**ask))
    assert refused.value.exit_code == 4
    assert refused.value.hint


def test_a_file_without_tracks_has_one() -> None:
    assert read_audio(plain(TEN), choice=SoundChoice(track="1")).duration == 10
    with pytest.raises(UnreadableAudio, match="no sound track 2"):
        read_audio(plain(TEN), choice=SoundChoice(track="2"))


def test_notes_go_to_the_log_of_a_caller_who_takes_none(caplog) -> None:
    read_audio(tracks("mp4", *EN_DE)())
    (message,) = caplog.messages
    assert "has 2 sound tracks: 1 (eng), 2 (deu). Number 1 is heard. --track" in message
