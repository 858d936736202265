"""What is found by listening to a result, with stand-ins for those who listen."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline.audio import to_loudness
from pipeline.chain.engines import Engines
from pipeline.chain.verification import Verifier, check_verification
from pipeline.cli.verify import print_verification
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import EngineMissing, NoSpeech
from pipeline.core.results import Verification
from pipeline.core.settings import Settings
from pipeline.core.values import Audio, EmotionScores, Segment, Speech
from pipeline.recognition.naturalness import NATURALNESS_JUDGES

RATE = 24_000


@pytest.fixture(autouse=True)
def no_judge_of_naturalness(monkeypatch):
    """Nothing that is installed judges the stand-ins of these tests."""
    monkeypatch.setattr(NATURALNESS_JUDGES, "specs", ())


class Listener:
    """Finds sounds the more natural the louder they are, on a scale of its own; remembers what it was given."""

    name = "listener"

    def __init__(self) -> None:
        self.heard = []

    def score(self, audio):
        assert audio.sample_rate == 16_000
        self.heard.append(audio)
        return 4.5 if np.abs(audio.samples).max() > 0.1 else 1.5


class Ears:
    """Hears a text, and an emotion that depends on the sound: sad where it is low, happy where it is high."""

    name = "ears"

    def __init__(self, text: str = "Good evening, my friends.", confidence: float = 0.72) -> None:
        self.text, self.confidence, self.heard = text, confidence, []

    def transcribe(self, segment, *, hotwords=""):
        self.heard.append(segment.audio)
        return Segment(segment.start, segment.end, self.text) if self.text else None

    def recognise(self, audio, *, activity=None):
        assert audio.sample_rate == 16_000
        if not audio.samples.any():
            raise NoSpeech("nothing")
        crossings = np.count_nonzero(np.diff(np.sign(audio.samples))) / 2 / audio.duration
        top = "happy" if crossings > 300 else "sad"
        rest = (1 - self.confidence) / (len(EMOTIONS) - 1)
        return EmotionScores(EMOTIONS, tuple(self.confidence if e == top else rest for e in EMOTIONS), "ears-2")


def tone(hertz: float = 200.0, seconds: float = 2.0) -> Audio:
    return to_loudness(Audio(np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE).astype("f4"), RATE))


def spoken(audio: Audio) -> Speech:
    return Speech(audio, "x", "neutral", "voice", "engine")


def verifier(ears: Ears, listener: Listener | None = None, **settings) -> Verifier:
    return Verifier(Engines(transcriber=ears, judge=ears, naturalness_judge=listener), Settings(**settings))


def silence(seconds: float) -> Audio:
    return Audio(np.zeros(round(seconds * RATE), np.float32), RATE)


def in_turn(*sounds: Audio) -> Audio:
    return Audio(np.concatenate([sound.samples for sound in sounds]), RATE)


def part(start: float, end: float, emotion: str) -> Segment:
    return Segment(start, end, "x", emotion=EmotionScores((emotion,), (1.0,), "voice"))


def test_a_good_result_passes_and_all_is_told() -> None:
    ears = Ears()
    found = verifier(ears)(tone(), text="Good evening, my friends!", emotion="sad")
    assert found.passed
    assert found.agrees is True
    values = json.loads(json.dumps(found.to_dict()))
    assert values["word_error_rate"] == 0
    assert values["probability_of_asked"] == pytest.approx(0.72)
    assert (values["emotion_heard"], values["emotion"]) == ("sad", "sad")
    assert values["loudness_lufs"] == pytest.approx(-23, abs=0.1)
    assert (values["clipping"], values["problems"], values["passed"]) == (0, [], True)
    assert 0 <= values["silence_share"] <= 1
    assert (values["judge"], values["transcriber"]) == ("ears", "ears")


def test_words_are_heard_after_silence() -> None:
    ears = Ears()
    verifier(ears)(tone(seconds=1.0), text="x")
    (audio,) = ears.heard
    assert audio.sample_rate == 16_000
    assert audio.duration == pytest.approx(1.416)
    assert not audio.slice(0, 0.39).samples.any()


@pytest.mark.parametrize(
    ("text", "emotion", "sound", "problem"),
    [
        ("Something else was said here.", "sad", tone(), "of the words"),
        ("Good evening, my friends.", "angry", tone(), "'angry' is heard at 4%"),
        ("Good evening, my friends.", "sad", Audio(tone().samples / 4, RATE), "-35.0 LUFS"),
        ("Good evening, my friends.", "sad", Audio(np.clip(tone().samples * 40, -1, 1), RATE), "clipped"),
        ("Good evening, my friends.", "", silence(1), "LUFS"),
        (
            "Good evening, my friends.",
            "sad",
            in_turn(tone(), silence(3)),
            "60% of the utterances is silent; at most 50%",
        ),
        ("Good evening, my friends.", "sad", tone(seconds=0.5), "8.0 words are spoken in a second; 1 to 6"),
        ("Good evening, my friends.", "sad", tone(seconds=6), "0.7 words are spoken in a second; 1 to 6"),
    ],
)
def test_what_is_wrong_is_told(text: str, emotion: str, sound: Audio, problem: str) -> None:
    found = verifier(Ears(), least_probability=0.125)(sound, text=text, emotion=emotion)
    assert not found.passed
    assert any(problem in sentence for sentence in found.problems)


def test_thresholds_are_settings() -> None:
    asked = {"text": "Something else was said here.", "emotion": "angry"}
    lax = verifier(Ears(), most_words_wrong=2)
    assert lax(tone(), **asked).passed
    assert not verifier(Ears(), least_probability=0.8)(tone(), emotion="sad").passed


@pytest.mark.parametrize("emotion", ["", "wistful"])
def test_what_is_not_known_is_not_compared(emotion: str) -> None:
    found = verifier(Ears())(tone(), emotion=emotion)
    assert (found.agrees, found.probability_of_asked, found.word_error_rate) == (None, None, None)
    assert found.passed
    assert found.emotion_heard == "sad"


def test_phrases_of_several_emotions_are_judged_each() -> None:
    audio = in_turn(tone(200, 3.0), tone(600, 1.5))
    right = verifier(Ears())(audio, parts=[part(0, 3, "sad"), part(3, 4.5, "happy")])
    assert right.agrees
    assert right.probability_of_asked == pytest.approx(0.72)
    assert right.emotion == "sad, happy"
    wrong = verifier(Ears())(audio, parts=[part(0, 3, "angry"), part(3, 4.5, "happy")])
    assert not wrong.agrees
    assert wrong.probability_of_asked == pytest.approx((0.04 * 3 + 0.72 * 1.5) / 4.5)


def test_the_best_has_the_asked_emotion_and_the_words() -> None:
    good = verifier(Ears())(tone(), text="Good evening, my friends.", emotion="sad")
    unsure = verifier(Ears(confidence=0.3))(tone(), text="Good evening, my friends.", emotion="sad")
    misheard = verifier(Ears("Good evening."))(tone(), text="Good evening, my friends.", emotion="sad")
    assert good.score > unsure.score > misheard.score


@pytest.mark.parametrize(
    ("text", "seconds", "problem"),
    [
        ("你好今天天气很好", 2.0, ""),
        ("你好今天天气很好", 0.5, "16.0 characters are spoken in a second; 1.5 to 9"),
        ("Oh no!", 0.2, ""),
    ],
)
def test_characters_are_counted_in_chinese_and_nothing_in_exclamations(text, seconds, problem) -> None:
    found = verifier(Ears(text))(tone(seconds=seconds))
    assert [problem] * bool(problem) == [sentence[: len(problem)] for sentence in found.problems]


def test_pauses_between_utterances_are_not_silence_within_them() -> None:
    audio = in_turn(tone(seconds=1.5), silence(6), tone(seconds=1.5))
    asked = {"text": "Good evening, my friends. Good evening, my friends.", "emotion": "sad"}
    kept = verifier(Ears())(audio, **asked, parts=[part(0, 1.5, "sad"), part(7.5, 9, "sad")])
    assert kept.passed
    assert kept.silence_share < 0.05
    assert not verifier(Ears())(audio, **asked).passed


@pytest.mark.parametrize(
    ("sound", "listener", "least", "line"),
    [
        (tone(), Listener(), 4.0, "naturalness 4.5 of 5 (judged by listener)"),
        (tone(), Listener(), 4.6, "naturalness 4.5 of 5 (judged by listener)"),
        (silence(1), Listener(), 4.0, "naturalness not judged, for nothing is heard (judged by listener)"),
        (tone(), None, 0.0, "naturalness not judged: pip install '.[naturalness]' brings a judge"),
    ],
)
def test_naturalness_is_judged_and_told_where_something_can(sound, listener, least, line, capsys) -> None:
    found = verifier(Ears(), listener, least_naturalness=least)(sound)
    values = json.loads(json.dumps(found.to_dict()))
    assert values["naturalness"] == (4.5 if listener and sound.samples.any() else None)
    assert values["naturalness_judge"] == ("listener" if listener else "")
    assert Verification.from_dict(values).to_dict() == found.to_dict()
    earlier = {key: value for key, value in values.items() if "naturalness" not in key}
    assert Verification.from_dict(earlier).naturalness is None
    assert any("The naturalness is 4.5 of 5; at least 4.6" in each for each in found.problems) == (least == 4.6)
    print_verification(found)
    assert line in " ".join(capsys.readouterr().out.split())


def test_naturalness_that_is_wanted_and_cannot_be_judged_is_refused() -> None:
    ears = Ears()
    engines = Engines(transcriber=ears, judge=ears)
    check_verification(engines, Settings())
    with pytest.raises(EngineMissing, match="Nothing here judges naturalness"):
        check_verification(engines, Settings(least_naturalness=3))
    check_verification(
        Engines(transcriber=ears, judge=ears, naturalness_judge=Listener()), Settings(least_naturalness=3)
    )


@pytest.mark.parametrize(
    ("sound", "stretches"),
    [
        (tone(seconds=3), 1),
        (in_turn(tone(seconds=1), silence(20), tone(seconds=1)), 2),
        (tone(seconds=20), 3),
        (tone(seconds=120), 6),
    ],
)
def test_stretches_of_a_long_sound_are_judged(sound, stretches) -> None:
    listener = Listener()
    assert verifier(Ears(), listener)(sound).naturalness == 4.5
    assert len(listener.heard) == stretches
    assert all(audio.duration <= 7.68 for audio in listener.heard)
    assert all(np.abs(audio.samples[:8000]).max() > 0.05 for audio in listener.heard)


def told(**changes) -> Verification:
    usual = {"text": "x", "emotion": "sad", "text_heard": "x", "word_error_rate": 0.0, "emotion_heard": "sad"}
    sound = {"loudness_lufs": -23.0, "clipping": 0.0, "silence_share": 0.0, "speech_rate": 3.0}
    names = {"judge": "ears", "transcriber": "ears", "naturalness": 3.0, "naturalness_judge": "listener"}
    return Verification(**usual | sound | names | {"probability_of_asked": 0.5, "agrees": True} | changes)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"probability_of_asked": 0.6}, {}),
        ({}, {"word_error_rate": 0.1}),
        ({"naturalness": 3.2}, {}),
        ({"naturalness": 3.6}, {"probability_of_asked": 0.6}),
        ({"probability_of_asked": 0.6}, {"naturalness": 3.3}),
        ({"probability_of_asked": 0.6, "naturalness": None}, {"naturalness": None}),
        ({"probability_of_asked": 0.0, "naturalness": 1.0, "word_error_rate": 0.3}, {"problems": ("It is clipped.",)}),
        (
            {"probability_of_asked": 0.0, "naturalness": 1.0, "word_error_rate": 2.0, "problems": ("a",)},
            {"probability_of_asked": 1.0, "naturalness": 5.0, "problems": ("b", "c")},
        ),
    ],
)
def test_which_of_two_variants_is_kept(better, worse) -> None:
    assert told(**better).score > told(**worse).score


class Comparing(Ears):
    """Hears besides whether a sound is higher than the voice's own neutral."""

    capabilities = frozenset({"comparison"})

    def score_against_neutral(self, audio, neutral, *, activity=None, neutral_activity=None):
        assert audio.sample_rate == neutral.sample_rate == 16_000
        higher = np.abs(np.diff(np.sign(audio.samples))).mean() > np.abs(np.diff(np.sign(neutral.samples))).mean()
        top = "surprised" if higher else "calm"
        return EmotionScores(
            ("calm", "surprised"), tuple(0.8 if name == top else 0.2 for name in ("calm", "surprised")), "x"
        )


@pytest.mark.parametrize(
    ("emotion", "neutral", "heard", "compared"),
    [
        ("surprised", tone(150), "surprised", True),
        ("surprised", tone(250), "calm", True),
        ("surprised", None, "sad", False),
        ("neutral", tone(150), "sad", False),
        ("", tone(150), "sad", False),
    ],
)
def test_a_judge_that_can_compare_is_told_the_voices_neutral(
    emotion: str, neutral: Audio | None, heard: str, compared: bool
) -> None:
    found = verifier(Comparing())(tone(200), emotion=emotion, neutral=neutral and spoken(neutral))
    assert found.emotion_heard == heard
    assert ("beside" in found.judge) == compared


def test_a_judge_that_cannot_compare_judges_alone() -> None:
    found = verifier(Ears())(tone(200), emotion="sad", neutral=spoken(tone(300)))
    assert (found.agrees, found.judge) == (True, "ears")


class Judge(Ears):
    """Says what it is told."""

    def __init__(self, **probabilities: float) -> None:
        super().__init__()
        self.probabilities = probabilities

    def recognise(self, audio, *, activity=None):
        return EmotionScores(tuple(self.probabilities), tuple(self.probabilities.values()), "judge-1")


@pytest.mark.parametrize(
    ("asked", "probabilities", "probability", "agrees", "heard", "counted"),
    [
        ("neutral", {"neutral": 0.15, "calm": 0.7, "sad": 0.15}, 0.85, True, "calm", ("neutral", "calm")),
        ("neutral", {"neutral": 0.7, "calm": 0.1, "sad": 0.2}, 0.8, True, "neutral", ("neutral", "calm")),
        ("calm", {"neutral": 0.7, "calm": 0.1, "sad": 0.2}, 0.8, True, "neutral", ("neutral", "calm")),
        ("neutral", {"neutral": 0.25, "calm": 0.3, "sad": 0.45}, 0.55, True, "calm", ("neutral", "calm")),
        ("neutral", {"neutral": 0.1, "calm": 0.2, "sad": 0.7}, 0.3, False, "sad", ("neutral", "calm")),
        ("calm", {"calm": 0.3, "sad": 0.7}, 0.3, False, "sad", ()),
        ("sad", {"neutral": 0.1, "calm": 0.2, "sad": 0.7}, 0.7, True, "sad", ()),
        ("sad", {"neutral": 0.3, "calm": 0.3, "sad": 0.4}, 0.4, True, "sad", ()),
        ("happy", {"neutral": 0.5, "calm": 0.1, "happy": 0.4}, 0.4, False, "neutral", ()),
    ],
)
def test_neutral_and_calm_are_one_answer_where_one_of_them_is_asked_for(
    asked, probabilities, probability, agrees, heard, counted, capsys
) -> None:
    found = verifier(Judge(**probabilities))(tone(), emotion=asked)
    assert found.probability_of_asked == pytest.approx(probability)
    assert (found.agrees, found.emotion_heard, found.counted_as_asked) == (agrees, heard, counted)
    values = json.loads(json.dumps(found.to_dict()))
    assert values["counted_as_asked"] == list(counted)
    assert Verification.from_dict(values).to_dict() == found.to_dict()
    assert Verification.from_dict({k: v for k, v in values.items() if k != "counted_as_asked"}).counted_as_asked == ()
    print_verification(found)
    said = " ".join(capsys.readouterr().out.split())
    assert ("as asked for" in said, "is heard most" in said) == (agrees, not agrees)
    assert ("plain speech" in said) == (asked == "neutral" and not agrees)
    assert ("hears no difference between neutral and calm" in said) == (agrees and bool(counted))
