{{ standing_rows("t24") }}
