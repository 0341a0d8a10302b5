{{ standing_rows("t23") }}
