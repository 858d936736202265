"""What an emotion changes in a voice, whatever makes its sound."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["Floats", "Mask"]

Floats = NDArray[np.floating]
"""Numbers, one for each frame unless a shape is given."""
Mask = NDArray[np.bool_]
"""Which frames, (frames,)."""
