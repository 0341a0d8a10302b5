{{ standing_rows("e14") }}
