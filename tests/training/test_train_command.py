"""One verb trains everything; the config says what, and what does not fit it is refused before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app, with_verb
from pipeline.core.errors import SettingsError, UsageError
from pipeline.core.paths import bundled
from pipeline.training.configuration import KINDS, kind_of


def refused(*arguments: str) -> Exception:
    result = CliRunner().invoke(app, with_verb(arguments))
    assert isinstance(result.exception, UsageError), result.output + repr(result.exception)
    return result.exception


def test_every_shipped_config_says_what_it_is_of():
    configs = [path for path in bundled("configs").iterdir() if path.name != "default.yaml"]
    assert {kind_of(path) for path in configs} == set(KINDS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "Missing option '--data'"),
        (["train", "--config", "configs/decoder.yaml"], "Missing option '--texts'"),
        (["train", "--config", "configs/decoder.yaml", "--texts", "a", "--data", "b"], "--data means nothing"),
        (["train", "--config", "configs/judge.yaml", "--data", "a", "--folds", "3"], "--folds means nothing"),
        (["train", "--config", "configs/text_bert.yaml", "--data", "a", "--device", "cuda"], "--device means nothing"),
        (["train", "--config", "configs/iemocap.yaml", "--data", "a"], "only evaluated"),
        (["train", "--config", "configs/absent.yaml", "--data", "a"], "cannot be read"),
        (["train", "--kind", "choir", "--data", "a"], "kind 'choir' can be trained. Choose one of speech, text"),
        (["train-acting", "--data", "nowhere"], "no folder nowhere"),
        (["train-judge", "--data", "nowhere"], "no folder nowhere"),
        (["train", "--data", "nowhere"], "no folder nowhere"),
        (["evaluate", "--config", "configs/judge.yaml", "--data", "a"], "of the kind judge"),
    ],
)
def test_what_does_not_fit_is_refused(arguments: list[str], message: str):
    assert message in str(refused(*arguments))


def test_another_kind_is_named(tmp_path: Path):
    config = tmp_path / "config.yaml"
    config.write_text("kind: choir\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"choir.*speech, text, both, decoder, acting, judge"):
        kind_of(config)
