"""Averages of the weights of models of one architecture, and interpolation between two of them."""
