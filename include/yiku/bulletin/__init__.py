"""The bulletins, 月通报 and 季督查: their frozen lines in, a Word file and a workbook out. Pure, no database."""
