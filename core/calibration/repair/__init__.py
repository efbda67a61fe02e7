"""Repairs of a classifier's probabilities: recalibrators, the board that compares them, split conformal sets."""
