{{ standing_rows("e05") }}
