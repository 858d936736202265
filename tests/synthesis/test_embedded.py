"""The voice that ships: what it needs, what it says, how it sounds."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pipeline.audio.loudness import loudness, normalised
from pipeline.audio.resampling import resampled
from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.values import Audio
from pipeline.core.voices import VOICE_PRESETS
from pipeline.synthesis.acting import Actor
from pipeline.synthesis.kokoro.voice import Kokoro
from pipeline.synthesis.prosody.presets import VoicePreset
from pipeline.synthesis.sentences import Sentence
from pipeline.synthesis.world.analysis import analyse
from pipeline.transcription.scoring import word_errors

ROOT = Path(__file__).resolve().parents[2]
VOICE = ROOT / "checkpoints" / "kokoro"
NEUTRAL = Mood("neutral")


def semitones(audio: Audio) -> np.ndarray:
    frames = analyse(audio)
    return 12 * np.log2(frames.f0[frames.voiced])


def test_it_needs_neither_torch_nor_a_program_of_the_system() -> None:
    program = (
        "import sys\n"
        "from pipeline.core.emotions import Mood\n"
        "from pipeline.synthesis import SYNTHESISERS\n"
        "engine = SYNTHESISERS.create(SYNTHESISERS.find('embedded'))\n"
        "assert engine.synthesise('Good morning.', Mood('happy'), 'youngwoman').audio.duration > 0.5\n"
        "assert not {'torch', 'tensorflow', 'pydantic', 'jieba', 'onnx'} & set(sys.modules), sys.modules.keys()\n"
    )
    environment = {**os.environ, "PATH": ""}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment, cwd=ROOT, timeout=60)


def test_what_ships_is_small_and_what_its_card_says() -> None:
    card = json.loads((VOICE / "decoder.json").read_text(encoding="utf-8"))
    assert hashlib.sha256((VOICE / "decoder.onnx").read_bytes()).hexdigest() == card["sha256"]
    assert (VOICE / "decoder.onnx").stat().st_size < 12e6
    assert sum(path.stat().st_size for path in VOICE.rglob("*.*")) < 45e6
    people = (VOICE / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert card["teacher"] in people
    assert str(card["scores"]["mel_distance_db"]) in people
    assert "Apache" in (VOICE / "NOTICE").read_text(encoding="utf-8")


@pytest.mark.parametrize("voice", VOICE_PRESETS)
def test_words_are_understood(embedded: Actor, voice: str) -> None:
    from moonshine_voice import ModelArch, Transcriber, get_assets_path

    options = {"vad_threshold": "0", "vad_max_segment_duration": "30", "return_audio_data": "false"}
    listener = Transcriber(f"{get_assets_path()}/tiny-en", ModelArch.TINY, options=options)
    wrong = words = 0
    for text in (
        "The train to Manchester leaves at half past seven every morning.",
        "My brother Daniel has lived in Chicago since 1998.",
        "We waited for 45 minutes, but the doctor never came.",
        "Please put the blue folder on my desk before lunch.",
        "Would you like to read the letter before you close the window?",
    ):
        audio = normalised(resampled(embedded.synthesise(text, NEUTRAL, voice).audio, 16_000))
        samples = np.concatenate([np.zeros(6400, np.float32), audio.samples])
        heard = " ".join(line.text for line in listener.transcribe_without_streaming(samples.tolist(), 16_000).lines)
        errors, count = word_errors(text, heard)
        wrong, words = wrong + errors, words + count
    assert wrong / words < 0.08


def test_presets_are_apart(embedded: Actor) -> None:
    text = "The children were playing football in the rain."
    pitch = {voice: np.median(semitones(embedded.synthesise(text, NEUTRAL, voice).audio)) for voice in VOICE_PRESETS}
    assert pitch["smallgirl"] > pitch["youngwoman"] + 3
    assert pitch["youngwoman"] > pitch["youngman"] + 5
    assert pitch["youngman"] > pitch["middlemale"] + 2


@pytest.mark.parametrize(
    ("text", "rises"),
    [
        ("Is there any milk left in the bottle?", True),
        ("There is some milk left in the bottle.", False),
        ("Why is there milk left in the bottle?", False),
    ],
)
def test_questions_rise(embedded: Actor, text: str, rises: bool) -> None:
    melody = semitones(embedded.synthesise(text, NEUTRAL, "youngwoman").audio)
    # The last third of a second, in which a falling voice is below what was before.
    movement = np.percentile(melody[-60:], 90) - np.median(melody[:-60])
    assert (movement > 2) == rises


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_sound_is_clean(embedded: Actor, emotion: str) -> None:
    audio = embedded.synthesise("Why did you leave? I waited, and nobody came.", Mood(emotion), "youngwoman").audio
    power = np.abs(np.fft.rfft(audio.samples)) ** 2
    assert audio.sample_rate == 24_000
    assert -24.1 < loudness(audio) < -21.9
    assert np.abs(audio.samples).max() < 0.9
    # A click is a step that is large for the loudness around it; speech at this rate has none.
    assert np.abs(np.diff(audio.samples)).max() < 0.5
    assert abs(audio.samples.mean()) < 1e-3
    assert power[: int(20 * audio.duration)].sum() < 0.002 * power.sum()


def test_a_long_text_is_said_sentence_by_sentence(embedded: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    whole = Kokoro.plan

    def counted(self: Kokoro, sentence: Sentence, preset: VoicePreset) -> object:
        said.append(sentence.text)
        return whole(self, sentence, preset)

    monkeypatch.setattr(Kokoro, "plan", counted)
    texts = ["It snowed all night.", "Nobody was on the road.", "Did you sleep well?"]
    stream = embedded.stream(" ".join(texts), Mood("calm"), "youngman")
    parts = [next(stream)]
    assert said == texts[:1]
    parts += stream
    assert [part.text for part in parts] == texts
    at_once = embedded.synthesise(" ".join(texts), Mood("calm"), "youngman")
    assert sum(part.audio.duration for part in parts) == pytest.approx(at_once.audio.duration, abs=1e-3)
    joined = np.concatenate([part.audio.samples for part in parts])
    # The same sound at another gain.
    assert np.corrcoef(joined, at_once.audio.samples)[0, 1] > 0.9999
    assert all(0 <= word.start < word.end <= part.audio.duration for part in parts for word in part.words)


@pytest.mark.parametrize(
    "text",
    [
        "No.",
        "A",
        "1234567890123456789012",
        "café naïve Zürich",
        "hmm... well – OK",
        "www.example.com",
        "x = 3²",
        "'90s",
        "5€",
    ],
)
def test_odd_texts_are_said(embedded: Actor, text: str) -> None:
    speech = embedded.synthesise(text, NEUTRAL, "youngwoman")
    assert 0.1 < speech.audio.duration < 15
    assert speech.words


def test_a_text_is_said_the_same_twice(embedded: Actor) -> None:
    first, second = (embedded.synthesise("It is late.", Mood("sad"), "smallgirl").audio.samples for _ in range(2))
    assert np.array_equal(first, second)


def test_every_word_lies_where_the_script_has_it(embedded: Actor) -> None:
    speech = embedded.synthesise("Mr. Hale paid $5.50 for the apples – twice.", NEUTRAL, "youngwoman")
    words = {word.text: word for word in speech.words}
    assert list(words) == ["Mr.", "Hale", "paid", "$5.50", "for", "the", "apples", "twice."]
    assert words["$5.50"].end - words["$5.50"].start > 3 * (words["the"].end - words["the"].start)
    assert words["twice."].start - words["apples"].end > 0.05
    assert speech.words[-1].end <= speech.audio.duration
