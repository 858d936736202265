"""The notice for callers: people must be told that software estimates their emotions (AI Act, article 50(3))."""

from __future__ import annotations

from pathlib import Path

from pipeline.alerts.rules import AlertRule
from pipeline.core.options import AlertOptions

__all__ = ["notice"]


def notice(options: AlertOptions) -> str:
    """Return a notice for callers, with what options tell; what only its owner knows stands in brackets.

    Args:
        options: What is watched for, who is judged, and how long it is kept.
    """
    emotions = " or ".join(AlertRule.of(options).emotions)
    because = options.judge_employees_because
    return (
        Path(__file__)
        .with_name("notice.txt")
        .read_text(encoding="utf-8")
        .format(
            emotions=emotions,
            employees=f"Our staff are analysed as well, for this reason: {because}."
            if because
            else "Our staff are not analysed.",
            keeping=f"All this is deleted after {options.keep_days} days."
            if options.keep_days
            else "It is kept until [WHEN].",
            telling="Another program of ours is told of it: [WHICH]." if options.webhooks else "Nobody else gets it.",
        )
    )
