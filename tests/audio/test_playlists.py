"""A recording opens no other file."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

from pipeline.audio import read_audio
from pipeline.core.errors import UnreadableAudio


def watch(path: Path) -> int:
    """Return a descriptor that has something to read as soon as somebody opens the file."""
    if sys.platform != "linux":
        pytest.skip("inotify is Linux's")
    library = ctypes.CDLL(None, use_errno=True)
    descriptor = library.inotify_init1(os.O_NONBLOCK)
    in_open = 0x20
    assert library.inotify_add_watch(descriptor, os.fsencode(path), in_open) >= 0
    return descriptor


def was_opened(descriptor: int) -> bool:
    try:
        return bool(os.read(descriptor, 4096))
    except BlockingIOError:
        return False


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{path}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://{path}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://127.0.0.1:9/{path}\n",
        "ffconcat version 1.0\nfile '{path}'\n",
        "v=0\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\na=control:file://{path}\n",
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet '
        'mimeType="audio/mp4"><Representation id="1" bandwidth="1"><BaseURL>{path}</BaseURL>'
        "</Representation></AdaptationSet></Period></MPD>",
    ],
)
@pytest.mark.parametrize("name", ["list.wav", "list.m3u8", "list.ffconcat"])
def test_a_playlist_opens_no_other_file(text, name, tone, encode, tmp_path: Path) -> None:
    secret = tmp_path / "secret.aac"
    secret.write_bytes(encode(tone(), "aac"))
    playlist = tmp_path / name
    playlist.write_text(text.format(path=secret))
    watcher = watch(secret)
    try:
        with pytest.raises(UnreadableAudio):
            read_audio(playlist)
        assert not was_opened(watcher)
        secret.read_bytes()
        assert was_opened(watcher)
    finally:
        os.close(watcher)


def test_ffmpeg_alone_would_open_the_other_file(tone, encode, tmp_path: Path) -> None:
    import av

    secret = tmp_path / "secret.aac"
    secret.write_bytes(encode(tone(), "aac"))
    playlist = tmp_path / "list.ffconcat"
    playlist.write_text(f"ffconcat version 1.0\nfile '{secret}'\n")
    with av.open(str(playlist), container_options={"safe": "0"}) as container:
        assert next(container.decode(audio=0)).samples
