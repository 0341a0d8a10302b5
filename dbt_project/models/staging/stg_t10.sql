{{ standing_rows("t10") }}
