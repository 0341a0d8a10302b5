{{ standing_rows("t11") }}
