"""Answers are laid down where the files came from, below their own unit's folder alone."""
