"""Control tasks in random subspaces of a policy's parameters (Li et al. 2018, arXiv:1804.08838, section 3.3)."""
