"""The engine: voices, control, batches, streams, long texts."""

from __future__ import annotations

import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from emotivoice import Control, EmotiVoice, Voices
from emotivoice.__main__ import main
from emotivoice.prompts import EMOTION_PROMPTS, trained_prompt
from emotivoice.voices import PRESETS
from pipeline.audio.resampling import resampled_blocks
from pipeline.core.errors import SettingsError, UnknownName, WeightsMissing

TEXT = "Hello world. This is one test, isn't it? 你好，世界！ And a last sentence that is longer than the others were."


@pytest.fixture(scope="module")
def engine(tiny_model: Path) -> EmotiVoice:
    return EmotiVoice(tiny_model)


@pytest.mark.parametrize("speaker", ["8051", "own", "smallgirl", "middlemale"])
def test_a_stream_equals_the_whole(engine: EmotiVoice, speaker: str) -> None:
    control = Control(volume=0.5, pitch=1.1)
    whole = engine.synthesise(TEXT, prompt="happy", speaker=speaker, control=control)
    chunks = list(engine.stream(TEXT, prompt="happy", speaker=speaker, control=control))
    assert len(chunks) > 8
    streamed = np.concatenate(chunks)
    assert streamed.shape == whole.shape
    assert np.abs(streamed - whole).max() < 1e-4


def test_every_sentence_of_a_batch_equals_itself_alone(engine: EmotiVoice) -> None:
    sentences = ["Hi.", "This one is much longer than that, is it not?", "你好，世界！"]
    control = Control(sentence_pause=0.0)
    alone = np.concatenate([engine.synthesise(sentence, control=control) for sentence in sentences])
    together = engine.synthesise(" ".join(sentences), control=control)
    assert together.shape == alone.shape
    assert np.abs(together - alone).max() < 1e-4


def test_speed_changes_the_time_it_takes(engine: EmotiVoice) -> None:
    control = {"sentence_pause": 0.0}
    usual = len(engine.synthesise("Hello world again.", control=Control(**control)))
    fast = len(engine.synthesise("Hello world again.", control=Control(speed=2.0, **control)))
    assert fast == pytest.approx(usual / 2, abs=256)


def test_a_break_is_as_long_as_asked(engine: EmotiVoice) -> None:
    short = engine.synthesise('Hello <break time="0.5s"/> world.')
    long = engine.synthesise('Hello <break time="1.5s"/> world.')
    assert (len(long) - len(short)) / engine.sample_rate == pytest.approx(1.0, abs=0.02)
    girl_short = engine.synthesise('Hello <break time="0.5s"/> world.', speaker="smallgirl")
    girl_long = engine.synthesise('Hello <break time="1.5s"/> world.', speaker="smallgirl")
    assert (len(girl_long) - len(girl_short)) / engine.sample_rate == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("text", ["Hello world.", 'Hello <break time="0.5s"/> world.'])
def test_each_speaker_sounds_different(engine: EmotiVoice, text: str) -> None:
    one, other = (engine.synthesise(text, speaker=speaker) for speaker in ("8051", "own"))
    assert one.shape != other.shape or np.abs(one - other).max() > 1e-5


@pytest.mark.parametrize("setting", ["pitch", "energy", "emotion_strength", "volume"])
def test_every_control_changes_the_sound(engine: EmotiVoice, setting: str) -> None:
    usual = engine.synthesise("Hello.", prompt="happy")
    changed = engine.synthesise("Hello.", prompt="happy", control=Control(**{setting: 1.5}))
    assert usual.shape != changed.shape or np.abs(usual - changed).max() > 1e-5


def test_strength_moves_away_from_neutral(engine: EmotiVoice) -> None:
    neutral, happy = engine.style_vector("neutral"), engine.style_vector("happy")
    assert torch.allclose(engine.style_vector("happy", 0.0), neutral, atol=1e-6)
    beyond = engine.style_vector("happy", 2.0)
    assert float((beyond - neutral).norm()) > float((happy - neutral).norm())
    assert float(beyond.abs().max()) <= 1.0


@pytest.mark.parametrize("settings", [{"speed": 0.0}, {"pitch": 9.0}, {"volume": -1.0}])
def test_impossible_controls_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        Control(**settings)


@pytest.mark.parametrize("text", ["", "   ", "цфу", "...", "\x00"])
def test_nothing_to_say_is_no_samples(engine: EmotiVoice, text: str) -> None:
    assert len(engine.synthesise(text)) == 0
    assert list(engine.stream(text)) == []


def test_speech_begins_without_a_click(engine: EmotiVoice) -> None:
    samples = engine.synthesise("Hello.")
    assert abs(samples[0]) < 1e-6
    assert np.abs(samples).max() <= 1.0


def test_a_long_text_streams_in_bounded_memory(engine: EmotiVoice) -> None:
    sentence = "One two three. 你好。"
    engine.synthesise(sentence)  # The dictionaries of both languages are loaded once, and not by the measured text.
    peaks = []
    for repeats in (5, 25):
        tracemalloc.start()
        total = sum(len(chunk) for chunk in engine.stream(sentence * repeats))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert total > 0
    # The text is five times as long, and nothing else may grow.
    assert peaks[1] < peaks[0] + 200_000


def test_long_content_is_cut_where_the_official_code_fails(engine: EmotiVoice) -> None:
    assert len(engine.synthesise("word " * 30)) > 0


def test_half_precision_sounds_nearly_the_same(tiny_model: Path, engine: EmotiVoice) -> None:
    half = EmotiVoice(tiny_model, precision="bfloat16").synthesise("Hello world.")
    whole = engine.synthesise("Hello world.")
    assert half.shape == whole.shape
    assert np.abs(half - whole).max() < 0.05


def test_unfolded_weight_norm_gives_the_same(tiny_model: Path, engine: EmotiVoice) -> None:
    plain = EmotiVoice(tiny_model, normalised=True).synthesise("Hello world.")
    assert np.abs(plain - engine.synthesise("Hello world.")).max() < 1e-4


@pytest.mark.parametrize(
    ("prompt", "trained"),
    [
        ("happy", EMOTION_PROMPTS["happy"]),
        ("Furious", EMOTION_PROMPTS["angry"]),
        ("happy, slow", "开心 音调很高 语速很慢"),
        ("sad and loud", "悲伤 音调很低 音量很高 语速很慢"),
        ("high pitch", "音调很高"),
        ("开心", "开心"),
        ("like a tired pirate", "like a tired pirate"),
        ("", "普通"),
    ],
)
def test_prompts_become_the_words_of_the_training_data(prompt: str, trained: str) -> None:
    assert trained_prompt(prompt) == trained


def test_there_are_2014_official_voices() -> None:
    voices = Voices()
    assert len(voices.speakers) == 2014
    assert sum(speaker.sex == "female" for speaker in voices.speakers) == 966
    assert voices.resolve("8051") == voices.resolve("Maria kasper")
    assert voices.resolve(985)[0] == 2011
    assert voices.speakers[2].name == "9017"


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_every_preset_is_a_speaker_of_its_sex(preset: str) -> None:
    voices = Voices()
    row, found = voices.resolve(preset.upper())
    assert found == PRESETS[preset]
    assert voices.speakers[row].name == PRESETS[preset].speaker
    assert voices.speakers[row].sex == PRESETS[preset].voice.sex


def test_an_unknown_voice_is_named_with_what_there_is(engine: EmotiVoice) -> None:
    with pytest.raises(UnknownName, match="youngwoman"):
        engine.synthesise("Hello.", speaker="nobody")


def test_missing_weights_and_devices_are_named(tmp_path: Path, tiny_model: Path) -> None:
    with pytest.raises(WeightsMissing, match="no folder"):
        EmotiVoice(tmp_path / "nowhere")
    with pytest.raises(WeightsMissing):
        EmotiVoice(tmp_path)
    with pytest.raises(SettingsError, match="not there"):
        EmotiVoice(tiny_model, device="quantum")


@pytest.mark.parametrize("size", [1, 333, 4000])
def test_formants_are_raised_alike_in_chunks_of_any_size(size: int) -> None:
    wave = np.sin(2 * np.pi * 440 * np.arange(8000) / 16000).astype(np.float32)
    whole = np.concatenate(list(resampled_blocks([wave], *PRESETS["smallgirl"].formants)))
    blocks = [wave[place : place + size] for place in range(0, 8000, size)]
    assert np.array_equal(np.concatenate(list(resampled_blocks(blocks, *PRESETS["smallgirl"].formants))), whole)
    spectrum = np.abs(np.fft.rfft(whole * np.hanning(len(whole))))
    assert np.argmax(spectrum) * 16000 / len(whole) == pytest.approx(440 * 8 / 7, abs=3)


def test_the_command_speaks_and_converts(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "speech.wav"
    assert main([str(tiny_model), "Hello.", "-o", str(output), "--speed", "2", "--device", "cpu"]) == 0
    assert soundfile.info(output).samplerate == 16000
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    assert main([str(folder), "--convert"]) == 0
    assert (folder / "g_00000000.safetensors").exists()
    assert main([str(tmp_path / "nowhere"), "Hello."]) == 1
    assert "no folder" in capsys.readouterr().err
