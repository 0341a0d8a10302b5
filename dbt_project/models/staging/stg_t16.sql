{{ standing_rows("t16") }}
