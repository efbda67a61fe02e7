"""How far ahead a forecaster sees in chaotic flows, and what that costs a detector."""
