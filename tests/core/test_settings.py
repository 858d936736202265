import pytest

from pipeline.core.errors import SettingsError
from pipeline.core.settings import Settings, load_settings


def test_the_file_of_defaults_holds_the_defaults():
    settings, origins = load_settings(environment={})
    assert settings == Settings()
    assert set(origins) == set(Settings.model_fields)
    assert set(origins.values()) == {"default"}


def test_defaults_of_the_release():
    settings = Settings()
    assert (settings.emotion, settings.voice, settings.language) == ("auto", "youngwoman", "")
    assert (settings.model, settings.asr, settings.tts) == ("auto", "auto", "auto")
    assert (str(settings.output), settings.strength, settings.max_seconds) == ("output", 1.0, 7200)


def test_flag_over_environment_over_file_over_default(tmp_path):
    file = tmp_path / "my settings.yaml"
    file.write_text("voice: youngman\nemotion: sad\nstrength: 0.5\n")
    settings, origins = load_settings(
        {"voice": "smallgirl", "emotion": None},
        config=file,
        environment={"RESAY_VOICE": "middlemale", "RESAY_EMOTION": "angry", "OTHER": "x"},
    )
    assert (settings.voice, settings.emotion, settings.strength, settings.asr) == ("smallgirl", "angry", 0.5, "auto")
    assert (origins["voice"], origins["emotion"], origins["strength"], origins["asr"]) == (
        "flag",
        "environment",
        str(file),
        "default",
    )


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"RESAY_VIOCE": "youngman"}, "mean voice"),
        ({"RESAY_STRENGTH": "3"}, "RESAY_STRENGTH"),
        ({"RESAY_THREADS": "many"}, "RESAY_THREADS"),
        ({"RESAY_DEVICE": "abacus"}, "RESAY_DEVICE"),
        ({"RESAY_OUTPUT": ""}, "RESAY_OUTPUT"),
        ({"RESAY_HINT": "Anna", "RESAY_HOTWORDS": "Ben"}, "'hint' and 'hotwords' .* are the same setting"),
    ],
)
def test_wrong_environment_is_named(environment, message):
    with pytest.raises(SettingsError, match=message):
        load_settings(environment=environment)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("emotoin: sad", "emotion"),
        ("- a\n- b", "name: value"),
        ("a: [", "not YAML"),
        ("strength: loud", "strength"),
        ("strength: 1\nvoice: youngman\nstrength: 2", "'strength' stands in it twice, in lines 1 and 3"),
        ("hint: Anna\nhotwords: Ben", "'hint' and 'hotwords' .* are the same setting"),
        ("keep-timing: true\nkeep_timing: false", "are the same setting"),
        ("output: ''", "'output'"),
        ("output: .wav", "ending without a name"),
        ("voice: ' '", "'voice'"),
        ("emotion: ' '", "'emotion'"),
    ],
)
def test_wrong_files_are_named(tmp_path, text, message):
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=message):
        load_settings(config=file, environment={})


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(config=tmp_path / "none.yaml", environment={})


def test_an_empty_file_changes_nothing(tmp_path):
    file = tmp_path / "empty.yaml"
    file.write_text("")
    assert load_settings(config=file, environment={})[0] == Settings()
