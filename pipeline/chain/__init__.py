"""The chain: it analyses a recording and says it again."""

from pipeline.chain.pipeline import Source, VoicePipeline

__all__ = ["Source", "VoicePipeline"]
