"""EmotiVoice's weights: pulled from a server that breaks off, or taken from a folder, and then spoken with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("huggingface_hub")

from emotivoice import checkpoints
from emotivoice.configuration import read_configuration
from emotivoice.random_weights import write_random_weights
from pipeline.core.emotions import Mood
from pipeline.core.errors import EngineMissing, UsageError
from pipeline.synthesis import SYNTHESISERS
from pipeline.weights import find_weights, location
from pipeline.weights.pulling import LARGE, pull
from pipeline.weights.records import Download

GENERATOR = "outputs/prompt_tts_open_source_joint/ckpt/g_00140000"
STYLE = "outputs/style_encoder/ckpt/checkpoint_163431"
SIMBERT = "WangZeJun/simbert-base-chinese"
FILES = (GENERATOR, STYLE, f"{SIMBERT}/config.json", f"{SIMBERT}/vocab.txt")
BERT = {
    "vocab_size": 0,
    "hidden_size": 128,
    "num_hidden_layers": 1,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a small model with random weights under the names of the released files, with the official 2014 speakers."""
    made, folder = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("released")
    write_random_weights(made, read_configuration("small"), BERT)
    for name, target in zip(
        ("g_00000000", "checkpoint_0", "simbert-base-chinese/config.json", "simbert-base-chinese/vocab.txt"),
        FILES,
        strict=True,
    ):
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made / name, folder / target)
    return folder


@pytest.fixture
def small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what stands beside no `config.yaml` be the small model and not the official one."""
    from emotivoice import folder

    monkeypatch.setattr(folder, "read_configuration", lambda name: read_configuration("small"))


def publish(server: Any, released: Path) -> None:
    """Put the files where the catalogue looks for them, on a server that breaks off the large ones half-way."""
    for part in find_weights("emotivoice").parts:
        if isinstance(part, Download):
            content = (released / part.target).read_bytes()
            path = part.url.split("/", 3)[3]
            server.add(path, content, drops=[len(content), len(content) // 2, len(content) // 5])
            continue
        siblings = [{"rfilename": name, "size": 1, "blobId": "1"} for name in part.files]
        listing = {"id": part.repository, "sha": "c0ffee" * 7, "tags": [], "siblings": siblings}
        server.add(f"api/models/{part.repository}/revision/main", json.dumps(listing).encode())
        for name in part.files:
            server.add(f"{part.repository}/resolve/{'c0ffee' * 7}/{name}", (released / SIMBERT / name).read_bytes())


@pytest.mark.usefixtures("small_sizes")
def test_a_broken_download_is_gone_on_from_and_speaks(server: Any, released: Path) -> None:
    with pytest.raises(EngineMissing, match=r"detect\.py models pull emotivoice"):
        SYNTHESISERS.choose("emotivoice")
    publish(server, released)
    folder = pull(find_weights("emotivoice"), mirror=server.url)
    assert any(wanted and path.endswith("g_00140000") for path, wanted in server.requests)
    for name in FILES:
        assert (folder / name).read_bytes() == (released / name).read_bytes()
    spec = SYNTHESISERS.choose("auto", "zh")
    assert spec.name == "emotivoice"
    engine = SYNTHESISERS.create(spec, device="cpu")
    assert engine.synthesise("Hello. 你好。", Mood("happy"), "985").audio.duration > 0.5
    # The released files are rewritten once, beside themselves.
    assert (folder / f"{GENERATOR}.safetensors").exists()
    assert (folder / f"{STYLE}.safetensors").exists()


def _as_cloned(released: Path, folder: Path) -> None:
    shutil.copytree(released, folder)


def _flat(released: Path, folder: Path) -> None:
    folder.mkdir()
    for name in FILES:
        shutil.copy(released / name, folder / Path(name).name)


@pytest.mark.parametrize("arrange", [_as_cloned, _flat])
def test_from_a_folder_that_a_person_has(
    arrange: Callable[[Path, Path], None], server: Any, released: Path, tmp_path: Path
) -> None:
    arrange(released, tmp_path / "had")
    (tmp_path / "had" / "do_00140000").write_bytes(b"what only training needs")
    folder = pull(find_weights("emotivoice"), source=tmp_path / "had")
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        *FILES,
        "weights.json",
    }
    assert server.requests == []


def test_a_folder_that_lacks_a_file_is_refused(released: Path, tmp_path: Path) -> None:
    _flat(released, tmp_path / "had")
    (tmp_path / "had" / "vocab.txt").unlink()
    with pytest.raises(UsageError, match=r"vocab\.txt"):
        pull(find_weights("emotivoice"), source=tmp_path / "had")
    assert not location("emotivoice").exists()


def test_so_large_a_download_is_asked_for() -> None:
    assert find_weights("emotivoice").size > LARGE


@pytest.mark.usefixtures("small_sizes")
def test_a_folder_that_cannot_be_written_to_is_read_as_it_is(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> None:
        raise OSError("no room")

    pull(find_weights("emotivoice"), source=released)
    monkeypatch.setattr(checkpoints, "save_file", full)
    engine = SYNTHESISERS.create(SYNTHESISERS.choose("emotivoice"), device="cpu")
    assert engine.synthesise("Hello.", Mood("sad"), "youngman").audio.duration > 0.2
    assert not list(location("emotivoice").rglob("*.tmp*"))
