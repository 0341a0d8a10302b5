"""Bytes to cells: what a file is, and what its sheets hold."""

from yiku.formats.cells import RefusedError

__all__ = ["RefusedError"]
