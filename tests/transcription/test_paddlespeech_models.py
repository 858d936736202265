"""Which of PaddleSpeech's models is taken, and from where; PaddleSpeech itself is not needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import SettingsError, UnknownName, WeightsMissing
from pipeline.transcription import TRANSCRIBERS
from pipeline.transcription.paddlespeech import layout as released
from pipeline.transcription.paddlespeech.models import MODELS, Model, archive_of, choose_model, loading
from pipeline.transcription.paddlespeech.transcriber import create, wanting
from pipeline.weights import CATALOGUE, location


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PPSPEECH_HOME", str(tmp_path / "paddlespeech"))


@pytest.mark.parametrize(
    ("name", "language", "chosen"),
    [
        ("", "", "transformer_librispeech"),
        ("", "en", "transformer_librispeech"),
        ("", "EN-gb", "transformer_librispeech"),
        ("", "zh", "conformer_u2pp_online_wenetspeech"),
        ("", "zh-CN", "conformer_u2pp_online_wenetspeech"),
        ("", "zh-en", "conformer_talcs"),
        ("", "en-zh", "conformer_talcs"),
        ("conformer_wenetspeech", "zh", "conformer_wenetspeech"),
        ("conformer_wenetspeech", "", "conformer_wenetspeech"),
        ("conformer_talcs", "zh", "conformer_talcs"),
        ("conformer_talcs", "zh-en", "conformer_talcs"),
    ],
)
def test_language_and_name_pick_a_model(name: str, language: str, chosen: str) -> None:
    assert choose_model(name, language).name == chosen


@pytest.mark.parametrize(
    ("name", "language", "message"),
    [
        ("", "de", "no model for the language 'de'"),
        ("conformer_wenetspeech", "en", "hears zh, not 'en'. Say --language zh"),
        ("conformer_wenetspeech", "zh-en", "hears zh, not 'zh-en'"),
        ("transformer_librispeech", "zh", "hears en, not 'zh'"),
        ("deepspeech2offline_librispeech", "en", "no model 'deepspeech2offline_librispeech'"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, language: str, message: str) -> None:
    with pytest.raises(UnknownName, match=message):
        choose_model(name, language)


def test_the_registry_knows_every_model() -> None:
    spec = TRANSCRIBERS.find("paddlespeech")
    assert spec.variants == tuple(model.name for model in MODELS)
    assert {language for model in MODELS for language in model.languages} == set(spec.languages)
    assert all(CATALOGUE.find(model.weights) for model in MODELS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_pulled_weights_come_before_paddlespeech_s_own(model: Model) -> None:
    with pytest.raises(WeightsMissing, match=f"detect.py models pull {model.weights}\\."):
        loading(model)
    assert model.weights in wanting()
    archive = archive_of(model)
    archive.parent.mkdir(parents=True)
    archive.touch()
    registered = loading(model)["registered"]
    assert registered["url"].endswith(f"/{archive.name}")
    assert len(registered["md5"]) == 32
    assert wanting() == ""
    location(model.weights).mkdir(parents=True)
    (location(model.weights) / "weights.json").touch()
    assert loading(model) == {"folder": str(location(model.weights))}


def test_unknown_ways_of_decoding_are_refused() -> None:
    with pytest.raises(SettingsError, match="attention_rescoring"):
        create(decoding="guessing")


SETTINGS = "encoder: conformer\nspm_model_prefix: data/bpe\npreprocess_config:\n  process:\n"


def test_paths_of_a_folder_become_absolute(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(SETTINGS + "    - {type: cmvn_json, cmvn_path: data/mean.json}\n")
    settings = released.read_settings(tmp_path)
    assert settings["spm_model_prefix"] == str(tmp_path / "data" / "bpe")
    assert settings["preprocess_config"]["process"][0]["cmvn_path"] == str(tmp_path / "data" / "mean.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SETTINGS + "    - {type: 'os:system'}\n", "names code to run"),
        ("encoder: lstm\n", "does not hold the settings"),
        ("- 1", "does not hold the settings"),
        ("a: [", "is not YAML"),
        ("!!python/object/apply:os.system ['true']", "is not YAML"),
    ],
)
def test_settings_that_are_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(text)
    with pytest.raises(ValueError, match=message):
        released.read_settings(tmp_path)


@pytest.mark.parametrize("names", [[], ["exp/a/1.pdparams", "exp/a/2.pdparams"]])
def test_a_folder_has_one_checkpoint(names: list[str], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(FileNotFoundError, match="one checkpoint"):
        released.checkpoint_in(tmp_path)
