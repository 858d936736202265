"""From the student to the graph that ships: ONNX, products in 8 bits."""

from __future__ import annotations

from typing import Final

import torch

from pipeline.core.temporary import temporary_folder
from pipeline.synthesis.kokoro.features import FRAME_NUMBERS, TEXT, TIMBRE
from pipeline.training.decoder.network import Student

__all__ = ["exported"]

_OPSET: Final = 17
"""Of ONNX: the first with a node for layer normalisation."""
_FRAMES: Final = 16
"""Of the example that is traced; any number works afterwards."""


def exported(student: Student) -> bytes:
    """Return the student as ONNX; matrices are kept and multiplied in 8 bits.

    Args:
        student: After learning.
    """
    from onnxruntime.quantization import QuantType, quantize_dynamic

    example = (torch.zeros(1, _FRAMES, TEXT), torch.zeros(1, _FRAMES, FRAME_NUMBERS), torch.zeros(1, TIMBRE))
    with temporary_folder() as folder:
        whole, small = folder / "whole.onnx", folder / "small.onnx"
        torch.onnx.export(
            student.eval(), example, whole, input_names=["text", "frame", "timbre"], output_names=["filters"],
            dynamic_axes={"text": {1: "frames"}, "frame": {1: "frames"}, "filters": {1: "windows"}},
            opset_version=_OPSET, dynamo=False,
        )  # fmt: skip
        quantize_dynamic(whole, small, op_types_to_quantize=["MatMul"], weight_type=QuantType.QUInt8, per_channel=True)
        return small.read_bytes()
