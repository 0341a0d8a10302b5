{{ standing_rows("t01") }}
