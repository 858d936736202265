"""Rules: threshold, hysteresis, least duration, who, how urgent."""

from __future__ import annotations

import pytest

from pipeline.alerts.notice import notice
from pipeline.alerts.people import People, customer_of, customer_pattern
from pipeline.alerts.rules import Alert, AlertFinder, AlertRule, find_alerts
from pipeline.alerts.watching import CallWatcher
from pipeline.alerts.webhooks import addresses_of
from pipeline.core.errors import ResayError, SettingsError
from pipeline.core.options import AlertOptions
from pipeline.core.values import EmotionScores, Segment

RULE = AlertRule(threshold=0.6, release=0.4)


def call(*parts: tuple, speaker: str = "customer") -> list[Segment]:
    """Return segments: seconds, probability of anger, and optionally when each begins; else a second after the last."""
    segments, at = [], 0.0
    for seconds, angry, *when in parts:
        at = when[0] if when else at
        share = angry if angry is not None else 0.0
        scores = EmotionScores(("angry", "sad", "neutral"), (share, 0.0, 1 - share), "test", unsure_below=0.57)
        segments.append(
            Segment(at, at + seconds, f"at {at:g}", emotion=scores if angry is not None else None, speaker=speaker)
        )
        at += seconds + 1
    return segments


@pytest.mark.parametrize(
    ("segments", "found"),
    [
        ([], []),
        (call((5, 0.8)), [(0, 5, 5, 0.8)]),
        (call((3.9, 0.8)), []),  # Not long enough.
        (call((4, 0.6)), [(0, 4, 4, 0.6)]),  # Exactly at both limits.
        (call((5, 0.59)), []),  # Never at the threshold.
        (call((2, 0.8), (2, 0.7)), [(0, 5, 4, 0.75)]),  # The pause does not count.
        (call((2, 0.8), (2, 0.45)), [(0, 5, 4, 0.625)]),  # Below the threshold, above the release.
        (call((2, 0.45), (3, 0.8)), []),  # Only from the threshold on.
        (call((2, 0.8), (2, 0.39), (2, 0.8)), []),  # Released in between.
        (call((4, 0.8), (2, 0.39), (4, 0.9)), [(0, 4, 4, 0.8), (8, 12, 4, 0.9)]),
        (call((2, 0.8), (0.9, 0.1), (2, 0.8)), [(0, 6.9, 4, 0.8)]),  # What is short is not judged.
        (call((0.9, 0.9), (0.9, 0.9), (0.9, 0.9), (0.9, 0.9), (0.9, 0.9)), []),
        (call((2, 0.8), (2, None), (2, 0.8)), [(0, 8, 4, 0.8)]),  # Nobody judged the second one.
        (call((2, 0.8), (2, 0.8, 31.9)), [(0, 33.9, 4, 0.8)]),
        (call((2, 0.8), (2, 0.8, 32.1)), []),  # Too long ago.
        (call((5, 0.8), *[(0.8, 0.1)] * 21, (5, 0.8)), [(0, 48.8, 10, 0.8)]),  # Short words are words.
        (call((5, 0.8), (0.8, None, 36), (5, 0.8, 40)), [(0, 5, 5, 0.8), (40, 45, 5, 0.8)]),
        (call(*[(1.2, 0.8)] * 10), [(0, 21, 12, 0.8)]),
        (call((30, 0.8)), [(0, 30, 30, 0.8)]),
        (call((2, 0.8), speaker="customer") + call((2, 0.8, 3), speaker="agent"), []),  # Two people.
    ],
)
def test_alerts(segments: list[Segment], found: list[tuple[float, float, float, float]]) -> None:
    alerts = find_alerts(segments, RULE)
    told = [(each.start, pytest.approx(each.end), each.seconds, pytest.approx(each.score)) for each in alerts]
    assert told == found
    assert all(each.emotion == "angry" and each.ended for each in alerts)


def test_two_people_are_two_alerts() -> None:
    both = sorted(
        call((5, 0.8), speaker="customer") + call((5, 0.9, 0.5), speaker="agent"), key=lambda each: each.start
    )
    assert [(each.speaker, each.score) for each in find_alerts(both, RULE)] == [("customer", 0.8), ("agent", 0.9)]


def test_what_the_model_is_unsure_of_begins_nothing() -> None:
    rule = AlertRule(threshold=0.5, release=0.3)
    assert not find_alerts(call((5, 0.55)), rule)
    (alert,) = find_alerts(call((2, 0.6), (3, 0.55)), rule)
    assert alert.seconds == 5


@pytest.mark.parametrize(
    ("seconds", "share", "severity"),
    [
        (4, 0.6, "low"),
        (11.9, 0.79, "low"),
        (12, 0.7, "medium"),
        (4, 0.8, "medium"),
        (12, 0.8, "high"),
        (30, 0.99, "high"),
    ],
)
def test_severity(seconds: float, share: float, severity: str) -> None:
    (alert,) = find_alerts(call((seconds, share)), RULE)
    assert alert.severity == severity
    (alert,) = find_alerts(call(*[(seconds / 3, share)] * 3), RULE)
    assert alert.severity == severity, "sums are no less than what they are of"


def test_a_reason_is_one_line() -> None:
    segments = call((2, 0.7), (4.1, 0.88))
    segments[1] = Segment(3, 7.1, "cancel\n my  contract", emotion=segments[1].emotion, speaker="customer")
    (alert,) = find_alerts(segments, RULE)
    assert alert.reason == "angry 0.82 for 6.1 s: “cancel my contract”"
    assert alert.to_dict()["reason"] == alert.reason
    long = Alert("sad", "customer", 0, 9, 9.0, 0.7, "low", "word " * 100)
    assert len(long.reason) < 130
    assert long.reason.endswith("…”")
    assert Alert("sad", "customer", 0, 9, 9.0, 0.7, "low", "").reason == "sad 0.70 for 9.0 s"


def test_a_finder_tells_alerts_while_they_grow() -> None:
    finder = AlertFinder(RULE)
    told = [finder.add(segment) for segment in call((3, 0.8), (3, 0.7), (3, 0.9), (2, 0.1), (5, 0.8))]
    assert [[(each.seconds, each.ended) for each in found] for found in told] == [
        [], [(6, False)], [(9, False)], [(9, True)], [(5, False)],
    ]  # fmt: skip
    assert [(each.start, each.ended) for each in finder.end()] == [(15, True)]
    assert finder.end() == ()


def test_emotions_are_named_in_any_words() -> None:
    assert AlertRule.of(AlertOptions(alert_emotions="Furious, sadness,angry")).emotions == ("angry", "sad")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"alert_emotions": "angry,wistful"}, "cannot be 'wistful'"),
        ({"alert_emotions": ","}, "cannot be 'nothing'"),
        ({"alert_emotions": "auto"}, "cannot be 'auto'"),
        ({"alert_release": 0.7}, "cannot end below 0.7"),
        ({"customer_channel": ""}, "Nobody says who of a call is the customer"),
        ({"customer_channel": "2", "customer_speaker": "speaker 1"}, "both said to be the customer"),
        ({"customer_channel": "", "customer_speaker": "Agent"}, "An agent is no customer"),
        ({"customer_channel": "", "customer_speaker": "employees"}, "An agent is no customer"),
        ({"customer_pattern": "("}, "no regular expression"),
        ({"customer_pattern": r"\d+"}, "no group"),
        ({"webhooks": "ftp://example.org"}, "cannot be 'ftp://example.org'"),
        ({"webhooks": "https://"}, "cannot be 'https://'"),
        ({"webhooks": "http://[::1"}, "cannot be"),
        ({"webhooks": "https://example.org:port/"}, "cannot be"),
        ({"webhook_secret": "whsec_this-is-not-base64-at-all"}, "no base64 follows"),
    ],
)
def test_what_cannot_be_is_refused(options: dict, said: str) -> None:
    with pytest.raises(ResayError, match=said) as refused:
        CallWatcher.check(AlertOptions(**{"customer_channel": "2"} | options))
    assert refused.value.exit_code == 2


@pytest.mark.parametrize("reason", ["efficiency: we want to see who is rude", "because", "medical:", "safety: x"])
def test_employees_are_judged_for_lawful_reasons_alone(reason: str) -> None:
    with pytest.raises(ResayError, match="judge_employees_because"):
        AlertOptions().changed(judge_employees_because=reason)
    assert People.of(AlertOptions(customer_channel="1", judge_employees_because="safety: fatigue of call-takers"))


@pytest.mark.parametrize(
    ("path", "pattern", "customer"),
    [
        ("calls/Anna/1.wav", "", "Anna"),
        ("calls/Anna/2026/1.wav", "", "Anna"),
        ("calls/1.wav", "", ""),
        ("elsewhere/1.wav", "", ""),
        ("calls/2026/agent7_4917.wav", r"_(\d+)\.wav$", "4917"),
        ("calls/2026/agent7_4917.wav", r"(?P<day>\d{4})/(?P<customer>\w+?)_", "agent7"),
        ("calls/other.wav", r"_(\d+)\.wav$", ""),
    ],
)
def test_whose_call_it_is(path: str, pattern: str, customer: str) -> None:
    assert customer_of(path, "calls", customer_pattern(AlertOptions(customer_pattern=pattern))) == customer


def test_webhooks_are_a_list() -> None:
    assert addresses_of(AlertOptions(webhooks="https://a.example, http://b:81/x,,https://a.example")) == (
        "https://a.example", "http://b:81/x",
    )  # fmt: skip


def test_a_notice_tells_what_is_done() -> None:
    usual = notice(AlertOptions())
    for words in ("angry or sad", "Our staff are not analysed", "deleted after 90 days", "Nobody else gets it"):
        assert words in usual
    assert "{" not in usual
    other = notice(AlertOptions(alert_emotions="fear", keep_days=0, judge_employees_because="medical: hearing tests"))
    assert "whether you sound fearful" in other
    assert "medical: hearing tests" in other
    with pytest.raises(SettingsError):
        notice(AlertOptions(alert_emotions="-"))
