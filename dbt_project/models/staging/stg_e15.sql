{{ standing_rows("e15") }}
