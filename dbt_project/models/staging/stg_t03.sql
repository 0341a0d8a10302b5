{{ standing_rows("t03") }}
