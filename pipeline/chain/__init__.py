"""The chain: a recording heard, and said again."""

from pipeline.chain.pipeline import Source, VoicePipeline

__all__ = ["Source", "VoicePipeline"]
