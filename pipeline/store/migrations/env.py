"""Runs the migrations on the connection that `pipeline.store.database` gives; Alembic executes this file."""

from alembic import context

from pipeline.store.models import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, version_table="resay_version"
)
with context.begin_transaction():
    context.run_migrations()
