{{ standing_rows("t13h") }}
