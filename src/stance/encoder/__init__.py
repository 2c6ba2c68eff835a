"""The Arabic compact encoder, built from weights that a package carries."""
