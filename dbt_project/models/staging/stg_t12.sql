{{ standing_rows("t12") }}
