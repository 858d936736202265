"""What every engine promises, whatever speaks."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.engines import Synthesiser, capabilities_of
from pipeline.core.errors import NoSpeech, UnknownName
from pipeline.core.values import Speech
from pipeline.core.voices import VOICE_PRESETS
from pipeline.synthesis import COPYING, SYNTHESISERS
from pipeline.synthesis.prosody.copying import WordProsody

TEXT = "They said it would rain all day."


def say(
    engine: Synthesiser, text: str = TEXT, mood: str = "neutral", voice: str = "youngwoman", **more: float
) -> Speech:
    return engine.synthesise(text, Mood(mood), voice, **more)


@pytest.mark.parametrize("voice", VOICE_PRESETS)
@pytest.mark.parametrize("mood", EMOTIONS)
def test_every_voice_speaks_in_every_emotion(engine: Synthesiser, voice: str, mood: str) -> None:
    speech = say(engine, mood=mood, voice=voice)
    samples = speech.audio.samples
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() < 1
    assert np.sqrt(np.mean(samples**2)) > 0.01
    assert abs(samples.mean()) < 1e-3
    assert np.abs(samples[[0, -1]]).max() < 1e-3
    assert 1 < speech.audio.duration < 5
    assert speech.audio.sample_rate >= 22050
    assert (speech.text, speech.emotion, speech.voice, speech.engine) == (TEXT, mood, voice, engine.name)


def test_an_engine_can_do_what_its_spec_declares(engine: Synthesiser) -> None:
    declared = SYNTHESISERS.find(engine.name).capabilities
    assert capabilities_of(engine) == declared
    if COPYING not in declared:
        pytest.skip("it speaks without a recording")
    plain = say(engine)
    slow = [WordProsody(word.text, 2 * (word.end - word.start), None, 0.0) for word in plain.words]
    copied = engine.synthesise(TEXT, Mood("neutral"), "youngwoman", copied=slow)  # type: ignore[call-arg]
    assert copied.audio.duration > 1.3 * plain.audio.duration
    assert [word.text for word in copied.words] == [word.text for word in plain.words]


@pytest.mark.parametrize("mood", ["neutral", "sad", "surprised"])
def test_words_are_timed_in_order_and_inside_the_sound(engine: Synthesiser, mood: str) -> None:
    text = "Mr. Hale paid $5.50 for it. Did you know?"
    speech = say(engine, text, mood)
    assert [word.text for word in speech.words] == text.split()
    times = [time for word in speech.words for time in (word.start, word.end)]
    assert all(earlier <= later + 1e-9 for earlier, later in itertools.pairwise(times))
    assert all(word.end > word.start for word in speech.words)
    assert times[0] >= 0
    assert times[-1] <= speech.audio.duration


def test_words_are_where_the_sound_is(engine: Synthesiser) -> None:
    speech = say(engine, "One. Two.", "sad")
    first, second = speech.words
    loud = [np.abs(speech.audio.slice(word.start, word.end).samples).max() for word in (first, second)]
    between = np.abs(speech.audio.slice(first.end + 0.1, second.start - 0.02).samples).max()
    assert between < 0.02 * min(loud)


def test_the_same_call_gives_the_same_sound(engine: Synthesiser) -> None:
    first = say(engine, mood="happy", voice="youngman")
    say(engine, "Something else!", "fearful", "smallgirl")
    second = say(engine, mood="happy", voice="youngman")
    np.testing.assert_array_equal(first.audio.samples, second.audio.samples)
    assert first.words == second.words


@pytest.mark.parametrize("mood", ["angry", "calm"])
def test_strength_zero_is_neutral(engine: Synthesiser, mood: str) -> None:
    np.testing.assert_array_equal(say(engine, mood=mood, strength=0.0).audio.samples, say(engine).audio.samples)


@pytest.mark.parametrize(
    "text",
    [
        'He said "no" (twice), \\n and left.',
        '") (system "touch {file}") ("',
        '\'); (system "touch {file}") ;',
        '(begin (system "touch {file}"))',
        "$(touch {file}) `touch {file}`",
        '\\\\" (quit) \\"',
        "<speak><break time='60s'/>Hello <audio src='{file}'/></speak>",
        "[[h@'loU]] & 5 < 6 > 4 = yes",
        "nul \x00 bell \x07 escape \x1b[31m and \ud800 surrogate",
        "resay-done\nresay-done\n(fflush nil)",
    ],
)
def test_text_is_never_code(engine: Synthesiser, tmp_path: Path, text: str) -> None:
    speech = say(engine, text.replace("{file}", "canary"))
    assert 0.2 < speech.audio.duration < 20
    canary = tmp_path / "canary"
    say(engine, text.replace("{file}", str(canary)))
    assert not canary.exists()
    assert not Path("canary").exists()
    assert say(engine, "Hello.").words[0].text == "Hello."


@pytest.mark.parametrize("text", ["", " \n\t ", "...", "привет", "!?", "你好，世界", "\x00", "()"])
def test_nothing_to_say_is_told(engine: Synthesiser, text: str) -> None:
    with pytest.raises(NoSpeech):
        say(engine, text)


def test_what_cannot_be_said_is_named_or_told(engine: Synthesiser) -> None:
    speech = say(engine, "Hello 😀 wörld привет — naïve café: 5 kg!")
    assert [(word.text, word.read_as) for word in speech.words] == [
        ("Hello", None), ("😀", "grinning face"), ("wörld", None), ("naïve", None), ("café:", None), ("5", "five"),
        ("kg!", "kilograms"),
    ]  # fmt: skip
    assert [note for note in speech.notes if "😀 (grinning face)" in note or "привет" in note] == list(
        speech.notes[-2:]
    )


def test_a_long_text_is_said_to_its_end(engine: Synthesiser) -> None:
    text = "word " * 150 + "end"
    speech = say(engine, text)
    assert len(speech.words) == 151
    assert speech.words[-1].text == "end"
    assert speech.audio.duration - speech.words[-1].end < 0.5


@pytest.mark.parametrize("voice", ["Middlemale", "SMALLGIRL", "young woman"])
def test_voices_are_found_in_any_case(engine: Synthesiser, voice: str) -> None:
    engine.check(Mood("neutral"), voice)


@pytest.mark.parametrize(("mood", "voice"), [("neutral", "robot"), ("neutral", ""), ("xyzzy", "youngman")])
def test_unknown_names_are_refused(engine: Synthesiser, mood: str, voice: str) -> None:
    with pytest.raises(UnknownName):
        engine.check(Mood(mood), voice)
    with pytest.raises(UnknownName):
        say(engine, mood=mood, voice=voice)


def test_the_four_presets_are_offered_first(engine: Synthesiser) -> None:
    assert tuple(voice.name for voice in engine.voices())[: len(VOICE_PRESETS)] == VOICE_PRESETS


def test_a_custom_mood_is_spoken_and_told(engine: Synthesiser) -> None:
    speech = say(engine, mood="wistful")
    assert speech.emotion == "wistful"
    assert "'wistful' is spoken as" in speech.notes[0]
    assert "sad" in speech.notes[0]
    assert say(engine, mood="sad").notes == ()
