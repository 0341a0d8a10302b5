{{ standing_rows("e06") }}
