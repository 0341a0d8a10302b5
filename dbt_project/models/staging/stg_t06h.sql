{{ standing_rows("t06h") }}
