"""The Hessian of a loss: eigenvalues, spectral density and trace from one pass of matrix-vector products."""
