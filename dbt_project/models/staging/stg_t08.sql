{{ standing_rows("t08") }}
