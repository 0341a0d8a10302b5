"""The monthly bulletin 月通报: its frozen lines in, a Word file and a workbook out. Pure, no database."""
