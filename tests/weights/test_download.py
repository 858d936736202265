"""One file by HTTP, over connections that break."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import DownloadFailed
from pipeline.weights.download import fetch, remote_size

CONTENT = random.Random(0).randbytes(3_000_000)
SHA256 = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
MD5 = "md5:" + hashlib.md5(CONTENT).hexdigest()  # noqa: S324


def ranges(server: Any) -> list[str | None]:
    return [wanted for _, wanted in server.requests]


@pytest.mark.parametrize("digest", ["", SHA256, MD5, MD5.upper().replace("MD5", "md5")])
def test_a_file_arrives_alone(digest: str, server: Any, tmp_path: Path) -> None:
    fetch(server.add("a.bin", CONTENT), tmp_path / "to" / "a.bin", digest=digest)
    assert (tmp_path / "to" / "a.bin").read_bytes() == CONTENT
    assert [file.name for file in (tmp_path / "to").iterdir()] == ["a.bin"]


def test_a_dropped_connection_is_gone_on_from(server: Any, tmp_path: Path) -> None:
    url = server.add("a.bin", CONTENT, drops=[1_000_000, 500_000])
    fetch(url, tmp_path / "a.bin", digest=SHA256)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    first, second, third = ranges(server)
    assert first is None
    for wanted, sent in ((second, 1_000_000), (third, 1_500_000)):
        start = int(str(wanted).removeprefix("bytes=").removesuffix("-"))
        assert 0 < start <= sent


def test_a_later_run_goes_on(server: Any, tmp_path: Path) -> None:
    url = server.add("a.bin", CONTENT, drops=[2_000_000, 0, 0, 0, 0])
    with pytest.raises(DownloadFailed, match=r"a\.bin cannot be downloaded"):
        fetch(url, tmp_path / "a.bin")
    assert not (tmp_path / "a.bin").exists()
    server.requests.clear()
    fetch(url, tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert ranges(server)[0] is not None


def test_a_changed_file_starts_again(server: Any, tmp_path: Path) -> None:
    url = server.add("a.bin", bytes(len(CONTENT)), drops=[2_000_000, 0, 0, 0, 0])
    with pytest.raises(DownloadFailed):
        fetch(url, tmp_path / "a.bin")
    server.add("a.bin", CONTENT, tag='"two"')
    fetch(url, tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "behaviour",
    [{"ranges": False}, {"tag": ""}, {"tag": 'W/"weak"'}, {"sized": False, "drops": []}],
    ids=["no ranges", "no tag", "weak tag", "no length"],
)
def test_servers_that_know_less(behaviour: dict[str, Any], server: Any, tmp_path: Path) -> None:
    url = server.add("a.bin", CONTENT, **({"drops": [1_000_000]} | behaviour))
    fetch(url, tmp_path / "a.bin")
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_without_a_tag_a_digest_is_enough_to_go_on(server: Any, tmp_path: Path) -> None:
    url = server.add("a.bin", CONTENT, drops=[2_000_000], tag="")
    fetch(url, tmp_path / "a.bin", digest=SHA256)
    assert ranges(server)[1] is not None


def test_a_part_that_is_all_of_it(server: Any, tmp_path: Path) -> None:
    url = server.add("a.bin", CONTENT)
    (tmp_path / "a.bin.part").write_bytes(CONTENT)
    (tmp_path / "a.bin.tag").write_text('"one"')
    fetch(url, tmp_path / "a.bin", digest=SHA256)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_a_part_that_is_too_long(server: Any, tmp_path: Path) -> None:
    url = server.add("a.bin", CONTENT)
    (tmp_path / "a.bin.part").write_bytes(CONTENT + b"more")
    (tmp_path / "a.bin.tag").write_text('"one"')
    fetch(url, tmp_path / "a.bin", digest=SHA256)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_another_digest_leaves_nothing(server: Any, tmp_path: Path) -> None:
    url = server.add("a.bin", CONTENT[:-1] + b"x")
    with pytest.raises(DownloadFailed, match=r"a\.bin is not the file that was released"):
        fetch(url, tmp_path / "a.bin", digest=SHA256)
    assert list(tmp_path.iterdir()) == []


def test_a_busy_server_is_asked_again_and_told_of(server: Any, tmp_path: Path) -> None:
    url = server.add("a.bin", CONTENT, statuses=[503, 429])
    told, waited = [], []
    fetch(url, tmp_path / "a.bin", progress=lambda what, done, total: told.append(what), wait=waited.append)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT
    assert len(waited) == 2
    assert any("503" in what for what in told)


def test_what_is_not_there_is_asked_for_once(server: Any, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="404"):
        fetch(f"{server.url}/gone", tmp_path / "gone")
    assert len(server.requests) == 1


def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="cannot be downloaded") as failed:
        fetch("http://127.0.0.1:1/a.bin", tmp_path / "a.bin")
    assert "--mirror" in failed.value.hint


def test_a_size_is_known_before(server: Any) -> None:
    assert remote_size(server.add("a.bin", CONTENT)) == len(CONTENT)
    assert remote_size(server.add("b.bin", CONTENT, sized=False)) is None
    assert remote_size(server.add("c.bin", CONTENT, statuses=[503])) == len(CONTENT)


def test_progress_counts_what_was_there_before(server: Any, tmp_path: Path) -> None:
    seen = []
    url = server.add("a.bin", CONTENT, drops=[1_500_000])
    fetch(url, tmp_path / "a.bin", progress=lambda what, done, total: seen.append((what, done, total)))
    counts = [(done, total) for what, done, total in seen if what == "a.bin"]
    assert {total for _, total in counts} == {len(CONTENT)}
    assert [done for done, _ in counts] == sorted(done for done, _ in counts)
    assert counts[-1][0] == len(CONTENT)
