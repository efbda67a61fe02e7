"""A holdout that can be asked many times: answers that stay honest although the questions depend on earlier ones."""
