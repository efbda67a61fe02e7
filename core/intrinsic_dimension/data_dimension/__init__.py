"""How many numbers describe a point of a data set: estimators of the intrinsic dimension of data."""
