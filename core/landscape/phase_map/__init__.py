"""The phase of each cell of the temperature-load plane: Yang et al. 2021, Taxonomizing local versus global structure.

Collapsed cells are found first; the others are sharp or flat, poorly or well connected, similar or not.
"""
