{{ standing_rows("t19") }}
