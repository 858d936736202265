"""Batches: many recordings go through the chain."""

from pipeline.batch.conversion import Failure, convert_all

__all__ = ["Failure", "convert_all"]
