"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sql
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "resay_calls",
        sql.Column("id", sql.Integer, primary_key=True),
        sql.Column("source", sql.Text, nullable=False),
        sql.Column("kind", sql.String(10), nullable=False),
        sql.Column("digest", sql.String(64), unique=True),
        sql.Column("customer", sql.String(200), nullable=False, index=True),
        sql.Column("recorded_at", sql.DateTime, nullable=False, index=True),
        sql.Column("day", sql.String(10), nullable=False),
        sql.Column("duration", sql.Float, nullable=False),
        sql.Column("model", sql.Text, nullable=False),
        sql.Column("problem", sql.Text, nullable=False),
        sql.Column("judged_because", sql.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_resay_calls_day_customer", "resay_calls", ["day", "customer"])
    op.create_table(
        "resay_segments",
        sql.Column("id", sql.Integer, primary_key=True),
        _belongs_to("call_id", "resay_calls", sql.Integer, index=True),
        sql.Column("start", sql.Float, nullable=False),
        sql.Column("end", sql.Float, nullable=False),
        sql.Column("speaker", sql.String(60), nullable=False),
        sql.Column("text", sql.Text, nullable=False),
        sql.Column("searched", sql.Text, nullable=False),
        sql.Column("emotion", sql.String(40), nullable=False),
        sql.Column("confidence", sql.Float, nullable=False),
        sql.Column("unsure", sql.Boolean, nullable=False),
        sql.Column("probabilities", sql.JSON, nullable=False),
    )
    op.create_table(
        "resay_alerts",
        sql.Column("id", sql.Integer, primary_key=True),
        _belongs_to("call_id", "resay_calls", sql.Integer),
        sql.Column("emotion", sql.String(40), nullable=False, index=True),
        sql.Column("speaker", sql.String(60), nullable=False),
        sql.Column("start", sql.Float, nullable=False),
        sql.Column("end", sql.Float, nullable=False),
        sql.Column("seconds", sql.Float, nullable=False),
        sql.Column("score", sql.Float, nullable=False),
        sql.Column("severity", sql.String(10), nullable=False, index=True),
        sql.Column("words", sql.Text, nullable=False),
        sql.Column("reason", sql.Text, nullable=False),
        sql.Column("ended", sql.Boolean, nullable=False),
        sql.Column("raised_at", sql.DateTime, nullable=False),
        sql.UniqueConstraint("call_id", "speaker", "emotion", "start"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "resay_deliveries",
        sql.Column("id", sql.String(40), primary_key=True),
        _belongs_to("alert_id", "resay_alerts", sql.Integer, index=True),
        sql.Column("url", sql.Text, nullable=False),
        sql.Column("body", sql.Text, nullable=False),
        sql.Column("state", sql.String(10), nullable=False, index=True),
        sql.Column("tries", sql.Integer, nullable=False),
        sql.Column("next_at", sql.DateTime, nullable=False, index=True),
        sql.Column("created_at", sql.DateTime, nullable=False),
    )
    op.create_table(
        "resay_attempts",
        sql.Column("id", sql.Integer, primary_key=True),
        _belongs_to("delivery_id", "resay_deliveries", sql.String(40), index=True),
        sql.Column("at", sql.DateTime, nullable=False),
        sql.Column("status", sql.Integer),
        sql.Column("problem", sql.Text, nullable=False),
        sql.Column("seconds", sql.Float, nullable=False),
    )
    op.create_table(
        "resay_forgotten",
        sql.Column("digest", sql.String(64), primary_key=True),
        sql.Column("at", sql.DateTime, nullable=False),
    )


def _belongs_to(name: str, table: str, kind: Any, *, index: bool = False) -> sql.Column[Any]:
    """Return a column with the key of another table, whose rows take theirs with them."""
    return sql.Column(name, kind, sql.ForeignKey(f"{table}.id", ondelete="CASCADE"), nullable=False, index=index)
