"""Sweeps over load and temperature: what is varied, and the training of all cells."""
