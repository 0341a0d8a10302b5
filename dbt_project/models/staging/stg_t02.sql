{{ standing_rows("t02") }}
