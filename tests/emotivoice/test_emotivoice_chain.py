"""EmotiVoice as an engine of the chain: voices, moods, words with their times, a recording said again."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from tiny_emotivoice import tiny_configuration, write_recordings

from emotivoice.configuration import read_configuration
from emotivoice.random_weights import OFFICIAL_BERT, write_random_weights
from emotivoice.train import main as train
from pipeline import VoicePipeline
from pipeline.cli import main
from pipeline.core.emotions import EMOTIONS, Mood
from pipeline.core.engines import Synthesiser
from pipeline.core.errors import EngineMissing, NoSpeech, SettingsError, UnknownName, WeightsMissing
from pipeline.core.settings import Settings
from pipeline.core.voices import VOICE_PRESETS
from pipeline.synthesis import SYNTHESISERS

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "recording.wav"


def load(folder: Path, **settings: object) -> Synthesiser:
    return SYNTHESISERS.create(SYNTHESISERS.choose(f"emotivoice:{folder}"), **{"device": "cpu", **settings})


@pytest.fixture(scope="module")
def engine(tiny_model: Path) -> Synthesiser:
    return load(tiny_model)


@pytest.mark.parametrize("voice", [*VOICE_PRESETS, "Young Woman", "own", "9017", "John Van Stan"])
def test_tones_numbers_and_names_speak(engine: Synthesiser, voice: str) -> None:
    speech = engine.synthesise("They said it would rain.", Mood("happy"), voice)
    samples = speech.audio.samples
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert 0.01 < np.abs(samples).max() <= 1
    assert np.abs(samples[[0, -1]]).max() < 1e-3
    assert speech.engine == engine.name


def test_every_emotion_is_another_prompt(engine: Synthesiser) -> None:
    sounds = [engine.synthesise("Rain.", Mood(emotion), "youngman").audio.samples for emotion in EMOTIONS]
    for first, second in itertools.combinations(sounds, 2):
        assert first.shape != second.shape or np.abs(first - second).max() > 1e-6


def test_strength_nought_is_neutral(engine: Synthesiser) -> None:
    neutral = engine.synthesise("Rain.", Mood("neutral"), "youngman").audio.samples
    np.testing.assert_array_equal(
        engine.synthesise("Rain.", Mood("angry"), "youngman", strength=0.0).audio.samples, neutral
    )
    strong = engine.synthesise("Rain.", Mood("angry"), "youngman", strength=2.0).audio.samples
    usual = engine.synthesise("Rain.", Mood("angry"), "youngman").audio.samples
    assert strong.shape != usual.shape or np.abs(strong - usual).max() > 1e-6


def test_any_mood_is_a_prompt_and_is_told(engine: Synthesiser) -> None:
    engine.check(Mood("like a tired pirate"), "youngwoman")
    speech = engine.synthesise("Rain.", Mood("like a tired pirate"), "youngwoman")
    assert speech.emotion == "like a tired pirate"
    assert "'like a tired pirate'" in speech.notes[0]


@pytest.mark.parametrize("voice", ["youngwoman", "smallgirl"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mr. Hale paid $5.50 for it. Did you know?", "Mr. Hale paid $5.50 for it. Did you know?".split()),
        ("In 1999, 3 km!", ["In", "1999,", "3", "km!"]),
        ("你好，世界！ OK", ["你", "好，", "世", "界！", "OK"]),
        ("我有3个苹果。花儿开了", ["我", "有", "3", "个", "苹", "果。", "花", "儿", "开", "了"]),
        ("Hello 😀 naïve café!", ["Hello", "😀", "naïve", "café!"]),
        ("Hello привет café!", ["Hello", "café!"]),
    ],
)
def test_written_words_are_timed_in_order_and_inside_the_sound(
    engine: Synthesiser, text: str, words: list[str], voice: str
) -> None:
    speech = engine.synthesise(text, Mood("sad"), voice)
    assert [word.text for word in speech.words] == words
    times = [time for word in speech.words for time in (word.start, word.end)]
    assert all(earlier <= later + 1e-9 for earlier, later in itertools.pairwise(times))
    assert all(word.end > word.start for word in speech.words)
    assert times[0] >= 0
    assert times[-1] <= speech.audio.duration


def test_what_was_said_for_each_word_is_told(engine: Synthesiser) -> None:
    speech = engine.synthesise("On 3 May, привет, 50 µg. 我有3个苹果。", Mood("sad"), "youngwoman")
    assert [(word.text, word.read_as) for word in speech.words if word.read_as] == [
        ("3", "the third of"), ("50", "fifty"), ("µg.", "micrograms"), ("3", "三"),
    ]  # fmt: skip
    assert any("привет" in note for note in speech.notes)


def test_the_pause_between_sentences_is_where_the_words_say(engine: Synthesiser) -> None:
    speech = engine.synthesise("One. Two.", Mood("neutral"), "youngwoman")
    quiet = np.flatnonzero(np.abs(speech.audio.samples) < 1e-7) / speech.audio.sample_rate
    between = quiet[(quiet > speech.words[0].end) & (quiet < speech.words[1].start)]
    assert len(between) / speech.audio.sample_rate == pytest.approx(0.3, abs=0.01)


def test_a_stream_is_the_whole_sentence_by_sentence(tiny_model: Path) -> None:
    engine = load(tiny_model, acting=0.0)  # Taking sound apart makes much of a rounding in it.
    text = "One. Two three! 你好。"
    whole = engine.synthesise(text, Mood("sad"), "Middlemale")
    parts = list(engine.stream(text, Mood("sad"), "Middlemale"))
    assert [part.text for part in parts] == ["One.", "Two three!", "你好。"]
    assert {part.voice for part in parts} == {"middlemale"}
    streamed = np.concatenate([part.audio.samples for part in parts])
    assert np.corrcoef(streamed, whole.audio.samples)[0, 1] > 0.999
    seconds, words = 0.0, []
    for part in parts:
        words += [word.shifted(seconds) for word in part.words]
        seconds += part.audio.duration
    assert [word.text for word in words] == [word.text for word in whole.words]
    assert [word.start for word in words] == pytest.approx([word.start for word in whole.words], abs=1e-3)


@pytest.mark.parametrize("text", ["", " \n", "...", "привет"])
def test_nothing_to_say_is_told(engine: Synthesiser, text: str) -> None:
    with pytest.raises(NoSpeech):
        engine.synthesise(text, Mood("happy"), "youngwoman")


def test_unknown_voices_and_devices_are_refused(engine: Synthesiser, tiny_model: Path) -> None:
    with pytest.raises(UnknownName, match="youngwoman"):
        engine.check(Mood("happy"), "nobody")
    with pytest.raises(SettingsError, match="quantum"):
        load(tiny_model, device="quantum")


def test_missing_weights_and_folders_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESAY_HOME", str(tmp_path))
    with pytest.raises(EngineMissing, match=r"run detect\.py models pull emotivoice"):
        SYNTHESISERS.choose("emotivoice")
    with pytest.raises(EngineMissing, match="no folder"):
        SYNTHESISERS.choose(f"emotivoice:{tmp_path}/nowhere")
    with pytest.raises(WeightsMissing):
        load(tmp_path)


def test_the_command_lists_all_voices_without_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RESAY_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        main(["voices", "--engine", "emotivoice", "--json"])
    assert not ended.value.code
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert len(rows) == 2014 + len(VOICE_PRESETS)
    assert (rows["9017"]["sex"], rows["9017"]["description"][:13]) == ("male", "John Van Stan")
    assert rows["8051"]["sex"] == "female"


def test_the_voices_are_those_of_the_folder(engine: Synthesiser, tiny_model: Path) -> None:
    names = [voice.name for voice in engine.voices()]
    assert names == [*VOICE_PRESETS, "8051", "9017", "own"]
    spec = SYNTHESISERS.find(f"emotivoice:{tiny_model}")
    assert spec.listed_voices() == engine.voices()


def test_a_recording_is_said_again(tiny_model: Path, tmp_path: Path) -> None:
    settings = Settings(tts=f"emotivoice:{tiny_model}", output=tmp_path, device="cpu", emotion="happy", voice="own")
    conversion = VoicePipeline(settings).convert(EXAMPLE)
    assert conversion.engines["synthesis"] == f"emotivoice:{tiny_model}"
    assert [word.text for word in conversion.spoken.words] == conversion.text.split()
    assert conversion.spoken.duration > 0.5
    assert (tmp_path / "1.wav").exists()


def test_a_model_of_the_training_command_says_a_recording_again(tmp_path: Path) -> None:
    configuration = tiny_configuration() | {
        "segment_size": 8,
        "training": {
            "data": "recordings",
            "output": "run",
            "steps": 2,
            "batch": 2,
            "adversarial_from": 9,
            "train_style": True,
            "validation": 0,
        },
    }
    write_recordings(tmp_path / "recordings", count=2)
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(configuration), encoding="utf-8")
    assert train(["--config", str(tmp_path / "config.yaml")]) == 0
    settings = Settings(tts=f"emotivoice:{tmp_path / 'run'}", output=tmp_path / "output", device="cpu", voice="me")
    conversion = VoicePipeline(settings).convert(EXAMPLE, emotion="sad")
    assert conversion.spoken.words[0].text == conversion.text.split()[0]
    assert (tmp_path / "output" / "1.wav").exists()


@pytest.mark.slow
def test_a_recording_is_said_again_at_the_official_sizes(tmp_path: Path) -> None:
    """With random weights it is noise; the path is that of the released ones."""
    write_random_weights(tmp_path / "weights", read_configuration("official"), OFFICIAL_BERT)
    settings = Settings(tts=f"emotivoice:{tmp_path / 'weights'}", output=tmp_path, device="cpu", voice="985")
    conversion = VoicePipeline(settings).convert(EXAMPLE, emotion="happy")
    assert [word.text for word in conversion.spoken.words] == conversion.text.split()
    assert conversion.spoken.duration > 0.5
