"""Degeneracy of the loss landscape: how many directions of a network make no difference.

Bushnaq et al. 2024, Using degeneracy in the loss landscape for mechanistic interpretability, arXiv:2405.10927; the local
learning coefficient is Lau et al. 2023, arXiv:2308.12108.
"""
