{{ standing_rows("e07") }}
