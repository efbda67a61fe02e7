"""Simple detectors of other kinds to compare with, one a file.

Each is a function of values [rows, channels], the nominal rows [rows] and a seed, and returns scores [rows], higher =
more anomalous, NaN where it can't tell. It learns and scales from the nominal rows alone and never sees a label.
"""
