"""Rows beside one another: which say the same, which cannot both be true, which is newer."""
