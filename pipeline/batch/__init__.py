"""Many recordings through the chain."""

from pipeline.batch.conversion import Failure, convert_all

__all__ = ["Failure", "convert_all"]
