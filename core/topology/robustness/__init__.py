"""How far the invariants of one item move when it is perturbed, against what the stability theorem allows."""
