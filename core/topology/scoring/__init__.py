"""How well features tell classes apart: splits, classifiers, simple baselines, and what chance alone would give."""
