{{ standing_rows("e03") }}
