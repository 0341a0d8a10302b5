{{ standing_rows("e13") }}
