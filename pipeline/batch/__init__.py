"""Batches: many recordings go through the chain."""

from pipeline.batch.items import Failure, Outcome, WorkItem
from pipeline.batch.pipeline import VoicePipeline

__all__ = ["Failure", "Outcome", "VoicePipeline", "WorkItem"]
