{{ standing_rows("t07") }}
