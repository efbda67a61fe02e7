"""Which covariates explain a deviation: a second model from covariates to residuals, its SHAP values, and their worth."""
