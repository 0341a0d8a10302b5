{{ standing_rows("t21") }}
