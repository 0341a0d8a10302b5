{{ standing_rows("t20") }}
