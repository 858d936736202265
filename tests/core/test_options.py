"""Options: each described once, checked, and with the defaults of the release."""

from __future__ import annotations

import pytest

from pipeline import VoicePipeline
from pipeline.core.errors import UsageError
from pipeline.core.options import (
    AlertOptions,
    AnalysisOptions,
    BatchOptions,
    CallOptions,
    EngineSettings,
    Limits,
    Options,
    RenderingOptions,
    ServerOptions,
    VerificationOptions,
)
from pipeline.core.settings import Settings, load_settings

PARTS = (
    EngineSettings,
    AnalysisOptions,
    RenderingOptions,
    VerificationOptions,
    Limits,
    BatchOptions,
    ServerOptions,
    AlertOptions,
)

DEFAULTS = {
    "model": "auto",
    "text_model": "auto",
    "asr": "auto",
    "tts": "auto",
    "judge": "auto",
    "naturalness": "auto",
    "diariser": "auto",
    "decoding": "",
    "acting": 0.5,
    "device": "auto",
    "threads": 0,
    "language": "",
    "script": "simplified",
    "track": "",
    "channels": "mix",
    "hotwords": "",
    "emotions": False,
    "timeline": False,
    "speakers": None,
    "emotion_from": "speech",
    "each_alone": False,
    "emotion": "auto",
    "voice": "youngwoman",
    "strength": 1.0,
    "emotion_recording": "",
    "copy_prosody": False,
    "keep_timing": False,
    "sound": "wav",
    "output": "output",
    "overwrite": False,
    "verify": False,
    "candidates": 1,
    "most_words_wrong": 0.3,
    "least_probability": 0.0,
    "least_naturalness": 0.0,
    "max_bytes": 2 * 1024**3,
    "max_seconds": 7200.0,
    "max_streamed_seconds": 86400.0,
    "workers": "",
    "time_limit": 0.0,
    "host": "127.0.0.1",
    "port": 8000,
    "api_key": "",
    "allowed_hosts": "",
    "allowed_origins": "",
    "max_upload_bytes": 256 * 1024**2,
    "at_once": 2,
    "waiting": 16,
    "max_work_seconds": 600.0,
    "live_sessions": 4,
    "database": "",
    "customer_channel": "",
    "customer_speaker": "",
    "customer_pattern": "",
    "judge_employees_because": "",
    "alert_emotions": "angry,sad",
    "alert_threshold": 0.3,
    "alert_release": 0.2,
    "alert_seconds": 4.0,
    "webhooks": "",
    "webhook_secret": "",
    "webhook_network": "private",
    "keep_days": 90,
}


def test_defaults_of_the_release() -> None:
    assert Settings().model_dump(mode="json") == DEFAULTS


def test_every_option_belongs_to_one_part_and_is_described() -> None:
    names = [name for part in PARTS for name in part.model_fields]
    assert sorted(names) == sorted(Settings.model_fields)
    for part in PARTS:
        for name, field in part.model_fields.items():
            assert field.description, name
            assert field.description.endswith("."), name
            assert "\n\n" not in field.description, name


def test_a_call_asks_for_everything_but_engines_batches_servers_and_alerts() -> None:
    others = [set(part.model_fields) for part in (EngineSettings, BatchOptions, ServerOptions, AlertOptions)]
    assert not any(set(CallOptions.model_fields) & each for each in others)
    assert set(CallOptions.model_fields).union(*others) == set(Settings.model_fields)


@pytest.mark.parametrize(
    ("part", "name", "value", "said"),
    [
        (RenderingOptions, "strength", 2.5, "at most 2"),
        (RenderingOptions, "strength", -0.1, "at least 0"),
        (RenderingOptions, "strength", "loud", "a number"),
        (RenderingOptions, "emotion", "", "must not be empty"),
        (RenderingOptions, "voice", "", "must not be empty"),
        (AnalysisOptions, "speakers", -1, "at least 0"),
        (AnalysisOptions, "language", "english language", "not written as"),
        (AnalysisOptions, "track", "0", "not written as"),
        (AnalysisOptions, "track", "second", "not written as"),
        (AnalysisOptions, "channels", "left", "not written as"),
        (AnalysisOptions, "channels", "0", "not written as"),
        (AnalysisOptions, "emotion_from", "face", "'speech', 'text' or 'both'"),
        (VerificationOptions, "candidates", 0, "at least 1"),
        (VerificationOptions, "candidates", 9, "at most 8"),
        (VerificationOptions, "least_probability", 1.5, "at most 1"),
        (VerificationOptions, "most_words_wrong", -1, "at least 0"),
        (EngineSettings, "acting", 1.1, "at most 1"),
        (EngineSettings, "threads", 257, "at most 256"),
        (EngineSettings, "device", "abacus", "'auto', 'cpu', 'cuda' or 'mps'"),
        (Limits, "max_bytes", 0, "greater than 0"),
        (Limits, "max_seconds", 0, "greater than 0"),
        (Limits, "max_streamed_seconds", -5, "greater than 0"),
        (ServerOptions, "port", 65536, "at most 65535"),
        (ServerOptions, "api_key", "short", "not written as"),
        (ServerOptions, "at_once", 0, "at least 1"),
        (ServerOptions, "max_upload_bytes", 0, "greater than 0"),
        (AlertOptions, "customer_channel", "0", "not written as"),
        (AlertOptions, "customer_channel", "left", "not written as"),
        (AlertOptions, "judge_employees_because", "we want to", "not written as"),
        (AlertOptions, "judge_employees_because", "safety: so", "not written as"),
        (AlertOptions, "alert_threshold", 0, "greater than 0"),
        (AlertOptions, "alert_threshold", 1.1, "at most 1"),
        (AlertOptions, "alert_release", -0.1, "at least 0"),
        (AlertOptions, "alert_seconds", -1, "at least 0"),
        (AlertOptions, "webhook_secret", "short", "not written as"),
        (AlertOptions, "keep_days", -1, "at least 0"),
        (AlertOptions, "keep_days", 4_000_000, "at most 36500"),
    ],
)
def test_what_cannot_be_is_refused_by_name(part: type[Options], name: str, value: object, said: str) -> None:
    with pytest.raises(UsageError) as refusal:
        part().changed(**{name: value})
    shown = "…" if name in ("api_key", "webhook_secret") else value
    assert f"'{name}' cannot be '{shown}'" in refusal.value.message
    assert said in refusal.value.message


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("strenght", "mean strength?"),
        ("vioce", "mean voice?"),
        ("languages", "mean language?"),
        ("xyzzy", "Known are "),
    ],
)
def test_an_unknown_option_is_named_with_a_near_miss(name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"no setting '{name}'") as refusal:
        CallOptions().changed(**{name: 1})
    assert hint in refusal.value.hint


def test_a_change_is_a_checked_copy_that_knows_what_was_asked_for() -> None:
    options = CallOptions.defaults(Settings(voice="youngman"))
    assert options.model_fields_set == set()
    changed = options.changed(strength="1.5", voice=None)
    assert (changed.strength, changed.voice) == (1.5, "youngman")
    assert changed.model_fields_set == {"strength"}
    assert (options.strength, options.model_fields_set) == (1.0, set())
    assert options.changed(voice=None) is options
    with pytest.raises(ValueError, match="frozen"):
        changed.strength = 1.0


def test_the_language_of_the_result() -> None:
    assert CallOptions(language="de").spoken_language == "de"
    assert CallOptions(language="auto").spoken_language == ""


def test_hint_is_another_name_of_hotwords(tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("hint: Resay\n")
    settings, origins = load_settings(config=file, environment={})
    assert (settings.hotwords, origins["hotwords"]) == ("Resay", str(file))
    settings, origins = load_settings(config=file, environment={"RESAY_HINT": "Hale"})
    assert (settings.hotwords, origins["hotwords"]) == ("Hale", "environment")
    settings, origins = load_settings({"hint": "Mary"}, config=file, environment={"RESAY_HOTWORDS": "Hale"})
    assert (settings.hotwords, origins["hotwords"]) == ("Mary", "flag")
    assert CallOptions().changed(hint="Ann").hotwords == "Ann"


def test_a_call_of_the_pipeline_is_checked_before_anything_is_read() -> None:
    pipeline = VoicePipeline(Settings())
    with pytest.raises(UsageError, match="'strength' cannot be '9'"):
        pipeline.convert("no such file.wav", strength=9)
    with pytest.raises(UsageError, match="no setting 'strenght'"):
        pipeline.convert("no such file.wav", strenght=1)


@pytest.mark.parametrize("environment", [{"RESAY_SPEAKERS": "auto"}, {"RESAY_SPEAKERS": "0"}])
def test_the_number_of_speakers_may_be_found_out_wherever_it_is_asked_for(environment):
    assert load_settings(environment=environment)[0].speakers == 0
    assert CallOptions().changed(speakers="auto").speakers == 0


def test_the_emotion_of_another_recording_may_be_asked_for_everywhere():
    settings = load_settings(environment={"RESAY_EMOTION_FROM": "other.wav"})[0]
    assert (settings.emotion_from, settings.emotion_recording) == ("speech", "other.wav")
    changed = CallOptions().changed(emotion_from="other.wav")
    assert (changed.emotion_from, changed.emotion_recording) == ("speech", "other.wav")


def test_what_chooses_an_engine_is_not_an_option_of_a_call():
    with pytest.raises(UsageError, match="chooses an engine") as raised:
        CallOptions().changed(tts="espeak")
    assert "VoicePipeline" in raised.value.hint
