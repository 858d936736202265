"""Messages say whether they have to be signed."""

from __future__ import annotations

import sqlalchemy as sql
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; what waits already was made for a process that is not known any more."""
    op.add_column("resay_deliveries", sql.Column("signed", sql.Boolean, nullable=False, server_default=sql.false()))
