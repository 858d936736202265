"""Repositories of the Hugging Face hub, as files to download."""

from __future__ import annotations

from fnmatch import fnmatch

from pipeline.core.errors import DownloadFailed, EngineMissing
from pipeline.core.messages import reason
from pipeline.weights.records import Download, Snapshot

__all__ = ["list_snapshot"]


def list_snapshot(snapshot: Snapshot, mirror: str = "") -> list[tuple[Download, int | None]]:
    """Ask the hub for the files of a snapshot.

    All are of the commit that the revision stands for now. Large files come with their digest.

    Args:
        snapshot: What is wanted.
        mirror: Address of a mirror of the hub; the hub itself by default.

    Returns:
        Each file, and its bytes if the hub tells.

    Raises:
        DownloadFailed: The hub cannot be reached, or does not have the repository.
        EngineMissing: The package huggingface_hub is not installed.
    """
    try:
        from huggingface_hub import HfApi, hf_hub_url
    except ImportError as error:
        raise EngineMissing(
            "The package huggingface_hub, which finds files on the Hugging Face hub, is not installed.",
            hint="Run pip install huggingface_hub.",
        ) from error
    endpoint = mirror.rstrip("/") or None
    try:
        found = HfApi(endpoint=endpoint, token=False).model_info(
            snapshot.repository, revision=snapshot.revision, files_metadata=True, timeout=60
        )
    except Exception as error:  # the package raises errors of whichever HTTP library it is built on
        raise DownloadFailed(
            f"The repository {snapshot.repository} cannot be read: {reason(error)}.",
            hint="Is the network there? Try again, with --mirror URL, or with --from FOLDER.",
        ) from error
    files = []
    for sibling in found.siblings or ():
        if any(fnmatch(sibling.rfilename, pattern) for pattern in snapshot.files):
            url = hf_hub_url(snapshot.repository, sibling.rfilename, revision=found.sha, endpoint=endpoint)
            digest = f"sha256:{sibling.lfs.sha256}" if sibling.lfs else ""
            files.append((Download(url, digest, path=snapshot.target(sibling.rfilename)), sibling.size))
    return files
