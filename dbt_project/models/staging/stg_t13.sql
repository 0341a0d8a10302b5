{{ standing_rows("t13") }}
