"""A population of models: which calibration findings hold across models, and which are noise.

The seven questions of A Benchmark Study on Calibration (arXiv 2308.11838), with what the study left out: intervals, a
ceiling by split halves, the estimator's floor, control of multiplicity, and the direction of every subset.
"""
