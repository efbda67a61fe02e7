"""Pruning and the temperature of dense training: Zhou et al. 2023, A three-regime model of network pruning."""
