"""Yiku 一库: the townships' spreadsheets in, one database and five lists out."""

# The one place of the version: packaging and the command read it here.
__version__ = "0.2.0"
