"""Alerts: calls are watched for angry, sad or other customers. It needs the extra `alerts`."""
