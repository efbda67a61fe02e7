"""The calibration metrics, one definition a file, and what tells how far a number can be trusted.

Every metric is a pure function of arrays with sums in float64. A metric that isn't defined for its input raises
`Undefined` with the reason; `battery` and `evaluate` turn that into a missing value, never into zero.
"""
