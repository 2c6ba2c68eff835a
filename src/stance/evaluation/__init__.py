"""Measures, baselines, and the run that puts them side by side."""
