{{ standing_rows("e09") }}
