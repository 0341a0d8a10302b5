{{ standing_rows("t02b") }}
