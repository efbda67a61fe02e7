"""Random linear maps from a few coordinates to all parameters of a network, all with columns of unit length."""
