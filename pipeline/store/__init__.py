"""The store: calls, their alerts, and messages about these, in a database. It needs the extra `alerts`."""
