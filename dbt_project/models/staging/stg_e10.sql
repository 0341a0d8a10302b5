{{ standing_rows("e10") }}
