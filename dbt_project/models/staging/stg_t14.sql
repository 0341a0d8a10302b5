{{ standing_rows("t14") }}
