{{ standing_rows("t06") }}
