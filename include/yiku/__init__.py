"""Yiku 一库: the townships' spreadsheets in, one database and five lists out."""
