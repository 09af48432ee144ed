"""Search for better hyperparameters and architectures, with Optuna."""
