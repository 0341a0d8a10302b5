{{ standing_rows("t04") }}
