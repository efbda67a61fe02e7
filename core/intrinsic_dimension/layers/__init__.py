"""The dimension of what the layers of a network make of a data set (Ansuini et al. 2019, arXiv:1905.12784)."""
