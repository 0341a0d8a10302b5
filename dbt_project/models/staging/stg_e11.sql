{{ standing_rows("e11") }}
