{{ standing_rows("t22") }}
