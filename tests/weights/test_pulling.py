"""Weights from the network, a mirror, the hub, a file, a folder: complete or not there."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import DownloadFailed, OutputError, UnknownName, UsageError, WeightsMissing
from pipeline.weights import (
    CATALOGUE,
    Download,
    Snapshot,
    Weights,
    installed,
    location,
    remove,
    require,
)
from pipeline.weights import pulling as module
from pipeline.weights.pulling import pull


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            information = tarfile.TarInfo(name)
            information.size = len(content)
            tar.addfile(information, io.BytesIO(content))
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def weights(*parts: Download | Snapshot, holds: tuple[str, ...] = ()) -> Weights:
    return Weights("tiny", "--asr tiny", "Tiny", "MIT", 1000, parts, holds)


ARCHIVE = archive(**{"model.yaml": b"settings", "data/words.txt": b"a b c"})
WORDS = b"one two"


@pytest.fixture
def tiny(server: Any) -> Weights:
    """An archive and a file."""
    return weights(
        Download(server.add("tiny.tar.gz", ARCHIVE), sha256(ARCHIVE), archive=True),
        Download(server.add("words.txt", WORDS), path="more/words.txt"),
        holds=("model.yaml",),
    )


def held(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file.name != "weights.json"
    }


HELD = {"model.yaml": b"settings", "data/words.txt": b"a b c", "more/words.txt": WORDS}


def test_everything_lands_in_one_folder(tiny: Weights, weights_home: Path) -> None:
    assert not installed("tiny")
    folder = pull(tiny)
    assert folder == location("tiny") == require("tiny") == weights_home / "tiny"
    assert held(folder) == HELD
    manifest = json.loads((folder / "weights.json").read_text())
    assert manifest["licence"] == "MIT"
    assert [file["from"] for file in manifest["files"]] == [part.url for part in tiny.parts]
    assert not (weights_home / ".partial" / "tiny").exists()


def test_a_second_pull_asks_for_nothing(tiny: Weights, server: Any) -> None:
    pull(tiny)
    server.requests.clear()
    pull(tiny)
    assert server.requests == []


@pytest.mark.parametrize("spoilt", [ARCHIVE[:-1] + b"x", archive(**{"../model.yaml": b"settings"}), b"nonsense"])
def test_a_lying_server_installs_nothing(spoilt: bytes, tiny: Weights, server: Any, tmp_path: Path) -> None:
    server.pages["/tiny.tar.gz"].content = spoilt
    with pytest.raises(DownloadFailed, match="not the file that was released"):
        pull(tiny)
    assert not installed("tiny")
    assert not location("tiny").exists()


def test_an_unsafe_archive_without_a_digest_installs_nothing(server: Any, weights_home: Path) -> None:
    url = server.add("tiny.tar.gz", archive(**{"model.yaml": b"", "../../../model.yaml": b""}))
    with pytest.raises(DownloadFailed):
        pull(weights(Download(url, archive=True), holds=("model.yaml",)))
    assert not installed("tiny")
    assert list(weights_home.parent.rglob("model.yaml")) == []


def test_an_archive_that_lacks_something(server: Any) -> None:
    url = server.add("tiny.tar.gz", ARCHIVE)
    with pytest.raises(DownloadFailed, match=r"lacks exp/avg\.pdparams"):
        pull(weights(Download(url, archive=True), holds=("model.yaml", "exp/avg.pdparams")))
    assert not installed("tiny")


def test_what_came_before_the_end_is_not_asked_for_again(tiny: Weights, server: Any) -> None:
    page = server.pages["/words.txt"]
    page.drops = [len(WORDS), 0, 0, 0, 0]
    with pytest.raises(DownloadFailed, match="after 0 of 7 bytes"):
        pull(tiny)
    server.requests.clear()
    pull(tiny)
    assert held(location("tiny")) == HELD
    # Once for its size.
    assert [path for path, _ in server.requests].count("/tiny.tar.gz") == 1


def test_a_broken_download_goes_on_with_the_next_pull(server: Any) -> None:
    content = bytes(2_000_000)
    # The first answer is the question for the size.
    url = server.add("big.bin", content, drops=[len(content), 1_500_000, 0, 0, 0, 0])
    big = weights(Download(url, sha256(content)))
    with pytest.raises(DownloadFailed, match="run the same line again"):
        pull(big)
    assert not location("tiny").exists()
    server.requests.clear()
    pull(big)
    assert server.requests[-1][1] is not None
    assert (location("tiny") / "big.bin").read_bytes() == content


def test_two_pulls_at_once_end_well(tiny: Weights, server: Any) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(pull, [tiny] * 4)) == {location("tiny")}
    assert held(location("tiny")) == HELD
    assert len([path for path, _ in server.requests if path == "/tiny.tar.gz"]) == 2


@pytest.mark.parametrize(("size", "asked"), [(10, True), (10**6, False)])
def test_a_large_download_is_asked_for(
    size: int, asked: bool, tiny: Weights, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGE", size)
    sizes: list[int | None] = []
    pull(tiny, confirm=lambda size: sizes.append(size) or True)  # type: ignore[func-returns-value]
    assert sizes == ([len(ARCHIVE) + len(WORDS)] if asked else [])


def test_an_unknown_size_is_asked_for_and_no_is_no(tiny: Weights, server: Any) -> None:
    server.pages["/words.txt"].sized = False
    sizes: list[int | None] = []
    with pytest.raises(UsageError, match="not downloaded"):
        pull(tiny, confirm=lambda size: bool(sizes.append(size)))  # type: ignore[func-returns-value]
    assert sizes == [None]
    assert not location("tiny").exists()


def test_no_room(tiny: Weights, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=100))
    with pytest.raises(OutputError, match="RESAY_HOME"):
        pull(tiny)


def test_a_mirror_has_the_same_paths(tiny: Weights, server: Any) -> None:
    for name in ("tiny.tar.gz", "words.txt"):
        server.pages[f"/copy/{name}"] = server.pages.pop(f"/{name}")
    pull(tiny, mirror=f"{server.url}/copy/")
    assert held(location("tiny")) == HELD


def test_files_of_the_hub(server: Any) -> None:
    pytest.importorskip("huggingface_hub")
    commit, model = "c0ffee" * 7, bytes(range(256)) * 100
    listing = {
        "id": "owner/tiny",
        "modelId": "owner/tiny",
        "sha": commit,
        "private": False,
        "gated": False,
        "disabled": False,
        "tags": [],
        "siblings": [
            {"rfilename": "config.json", "size": 2, "blobId": "1"},
            {"rfilename": "vocabulary.txt", "size": 7, "blobId": "2"},
            {
                "rfilename": "model.bin",
                "size": len(model),
                "blobId": "3",
                "lfs": {"sha256": sha256(model).removeprefix("sha256:"), "size": len(model), "pointerSize": 130},
            },
            {"rfilename": "README.md", "size": 1, "blobId": "4"},
        ],
    }
    server.add("api/models/owner/tiny/revision/main", json.dumps(listing).encode())
    for name, content in (("config.json", b"{}"), ("model.bin", model), ("vocabulary.txt", WORDS)):
        server.add(f"owner/tiny/resolve/{commit}/{name}", content)
    snapshot = Snapshot("owner/tiny", ("config.json", "model.bin", "vocabulary.*"), folder="asr")
    pull(weights(snapshot), mirror=server.url)
    assert held(location("tiny")) == {"asr/config.json": b"{}", "asr/model.bin": model, "asr/vocabulary.txt": WORDS}
    remove("tiny")
    server.pages[f"/owner/tiny/resolve/{commit}/model.bin"].content = model[:-1] + b"x"
    with pytest.raises(DownloadFailed, match="not the file that was released"):
        pull(weights(snapshot), mirror=server.url)
    with pytest.raises(DownloadFailed, match="owner/other"):
        pull(weights(Snapshot("owner/other", ("config.json",))), mirror=server.url)


def test_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "renamed").write_bytes(ARCHIVE)
    part = Download("http://nowhere.invalid/tiny.tar.gz", sha256(ARCHIVE), archive=True)
    assert held(pull(weights(part, holds=("model.yaml",)), source=tmp_path / "renamed")) == {
        name: HELD[name] for name in ("model.yaml", "data/words.txt")
    }


def test_a_folder_around_everything_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "tiny.tar.gz").write_bytes(archive(**{"./tiny-1.0/model.yaml": b"settings", "tiny-1.0/exp/a": b"1"}))
    part = Download("http://nowhere.invalid/tiny.tar.gz", archive=True)
    folder = pull(weights(part, holds=("model.yaml",)), source=tmp_path / "tiny.tar.gz")
    assert held(folder) == {"model.yaml": b"settings", "exp/a": b"1"}
    assert sorted(path.name for path in folder.iterdir()) == ["exp", "model.yaml", "weights.json"]


def test_from_another_file(tmp_path: Path) -> None:
    (tmp_path / "tiny.tar.gz").write_bytes(b"other")
    part = Download("http://nowhere.invalid/tiny.tar.gz", sha256(ARCHIVE), archive=True)
    with pytest.raises(DownloadFailed, match="not the file that was released"):
        pull(weights(part), source=tmp_path / "tiny.tar.gz")


def _released(folder: Path) -> None:
    (folder / "tiny.tar.gz").write_bytes(ARCHIVE)
    (folder / "words.txt").write_bytes(WORDS)


def _unpacked(folder: Path) -> None:
    for name, content in HELD.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("fill", [_released, _unpacked])
def test_from_a_folder(fill: Callable[[Path], None], tiny: Weights, server: Any, tmp_path: Path) -> None:
    source = tmp_path / "had"
    source.mkdir()
    fill(source)
    assert held(pull(tiny, source=source)) == HELD
    assert server.requests == []


@pytest.mark.parametrize("name", ["words.txt", "gone"])
def test_from_what_does_not_fit(name: str, tiny: Weights, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(WORDS)
    with pytest.raises(UsageError):
        pull(tiny, source=tmp_path / name)
    with pytest.raises(UsageError, match=r"tiny\.tar\.gz"):
        pull(tiny, source=tmp_path)
    assert not location("tiny").exists()


def test_removing(tiny: Weights) -> None:
    pull(tiny)
    assert remove("tiny") >= sum(map(len, HELD.values()))
    assert not installed("tiny")
    with pytest.raises(WeightsMissing, match="not there"):
        remove("tiny")


def test_a_folder_without_its_manifest_is_replaced(tiny: Weights) -> None:
    location("tiny").mkdir(parents=True)
    (location("tiny") / "old").write_text("half")
    assert held(pull(tiny)) == HELD


def test_missing_weights_tell_the_line_to_run() -> None:
    with pytest.raises(WeightsMissing, match=r"detect\.py models pull paddlespeech-en\."):
        require("paddlespeech-en")


def test_an_unknown_name_has_a_neighbour() -> None:
    assert CATALOGUE.find("PaddleSpeech-EN").name == "paddlespeech-en"
    with pytest.raises(UnknownName, match="Did you mean paddlespeech-zh"):
        CATALOGUE.find("paddlespech-zh")


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)
def test_the_catalogue_is_complete(entry: Weights) -> None:
    assert [other.name for other in CATALOGUE].count(entry.name) == 1
    assert entry.name == entry.name.casefold()
    assert entry.size > 0
    assert all((entry.engine, entry.description, entry.licence, entry.needed))
    for part in entry.parts:
        if isinstance(part, Download):
            assert part.url.startswith("https://")
            algorithm, _, digits = part.digest.partition(":")
            assert not part.digest or len(digits) == {"md5": 32, "sha256": 64}[algorithm]
        else:
            assert part.repository.count("/") == 1
