"""File formats of annotated data, one a module."""
