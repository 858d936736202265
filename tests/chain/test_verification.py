"""What is found by listening to a result, with stand-ins for those who listen."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pipeline.audio import to_loudness
from pipeline.chain.engines import Engines
from pipeline.chain.verification import Verifier
from pipeline.cli.verify import print_verification
from pipeline.core.emotions import EMOTIONS
from pipeline.core.errors import NoSpeech
from pipeline.core.results import Verification
from pipeline.core.settings import Settings
from pipeline.core.values import Audio, EmotionScores, Segment, Speech

RATE = 24_000


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


def verifier(ears: Ears, **settings) -> Verifier:
    return Verifier(Engines(transcriber=ears, judge=ears), Settings(**settings))


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
        ("Good evening, my friends.", "", Audio(np.zeros(RATE, np.float32), RATE), "LUFS"),
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
    low, high = tone(200, 3.0), tone(600, 1.5)
    audio = Audio(np.concatenate([low.samples, high.samples]), RATE)

    def part(start: float, end: float, emotion: str) -> Segment:
        return Segment(start, end, "x", emotion=EmotionScores((emotion,), (1.0,), "voice"))

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
    said = capsys.readouterr().out.splitlines()[0]
    assert ("as asked for" in said, "is heard most" in said) == (agrees, not agrees)
    assert ("hears no difference between neutral and calm" in said) == (agrees and bool(counted))
