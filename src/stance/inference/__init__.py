"""Prediction: the model in memory, where texts come from and where results go."""
