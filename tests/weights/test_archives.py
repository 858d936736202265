"""Archives that mean no good."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.core.errors import DownloadFailed
from pipeline.weights.archives import unpack


def member(name: str, content: bytes = b"text", **facts: Any) -> tuple[tarfile.TarInfo, bytes]:
    information = tarfile.TarInfo(name)
    information.size = 0 if "type" in facts else len(content)
    for fact, value in facts.items():
        setattr(information, fact, value)
    return information, content


@pytest.fixture
def packed(tmp_path: Path) -> Callable[..., Path]:
    def pack(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
        path = tmp_path / "weights.tar.gz"
        with tarfile.open(path, mode) as tar:
            for information, content in members:
                tar.addfile(information, io.BytesIO(content) if information.isreg() else None)
        return path

    return pack


@pytest.mark.parametrize("mode", ["w:gz", "w", "w:xz"])
def test_files_come_out(mode: str, packed: Callable, tmp_path: Path) -> None:
    unpack(packed(member("./model.yaml"), member("exp/one/avg.pdparams", b"numbers"), mode=mode), tmp_path / "to")
    assert (tmp_path / "to" / "model.yaml").read_bytes() == b"text"
    assert (tmp_path / "to" / "exp" / "one" / "avg.pdparams").read_bytes() == b"numbers"


@pytest.mark.parametrize(
    "members",
    [
        [member("../outside")],
        [member("deep/../../outside")],
        [member("link", type=tarfile.SYMTYPE, linkname=".."), member("link/outside")],
        [member("link", type=tarfile.SYMTYPE, linkname="../outside")],
        [member("link", type=tarfile.SYMTYPE, linkname="/etc/passwd")],
        [member("link", type=tarfile.LNKTYPE, linkname="../outside")],
        [member("../outside", type=tarfile.SYMTYPE, linkname="inside"), member("inside")],
        [member("device", type=tarfile.CHRTYPE)],
        [member("pipe", type=tarfile.FIFOTYPE)],
    ],
    ids=["up", "deep up", "through a link", "link up", "link to root", "hard link up", "link beside", "device", "pipe"],
)
def test_nothing_leaves_the_folder(members: list, packed: Callable, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "to"
    archive = packed(*members)
    (tmp_path / "in" / "outside").parent.mkdir()
    (tmp_path / "in" / "outside").write_text("mine")
    with pytest.raises(DownloadFailed):
        unpack(archive, folder)
    assert (tmp_path / "in" / "outside").read_text() == "mine"
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))


def test_an_absolute_name_stays_inside(packed: Callable, tmp_path: Path) -> None:
    unpack(packed(member(f"{tmp_path}/outside")), tmp_path / "to")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    ("kind", "target"), [(tarfile.SYMTYPE, "avg_10.pdparams"), (tarfile.LNKTYPE, "exp/avg_10.pdparams")]
)
def test_a_link_inside_becomes_a_copy(kind: bytes, target: str, packed: Callable, tmp_path: Path) -> None:
    link = member("exp/avg.pdparams", type=kind, linkname=target)
    unpack(packed(link, member("exp/avg_10.pdparams", b"numbers")), tmp_path / "to")
    copy = tmp_path / "to" / "exp" / "avg.pdparams"
    assert copy.read_bytes() == b"numbers"
    assert not copy.is_symlink()


def test_a_bomb_is_refused_before_it_goes_off(packed: Callable, tmp_path: Path) -> None:
    archive = packed(member("a", bytes(600)), member("b", bytes(600)))
    with pytest.raises(DownloadFailed, match="1000 bytes"):
        unpack(archive, tmp_path / "to", largest=1000)
    assert not (tmp_path / "to" / "b").exists()
    with pytest.raises(DownloadFailed, match="1 files"):
        unpack(archive, tmp_path / "to", most=1)


@pytest.mark.parametrize("cut", [0, 10, 60])
def test_a_damaged_archive_is_told_of(cut: int, packed: Callable, tmp_path: Path) -> None:
    archive = packed(member("a", bytes(range(256)) * 40))
    archive.write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(DownloadFailed, match=r"weights\.tar\.gz cannot be unpacked"):
        unpack(archive, tmp_path / "to")
