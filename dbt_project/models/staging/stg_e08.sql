{{ standing_rows("e08") }}
