"""The compute package of Assay: five analyses and the machinery that stores and runs them."""
