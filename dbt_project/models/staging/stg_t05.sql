{{ standing_rows("t05") }}
