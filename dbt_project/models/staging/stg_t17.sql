{{ standing_rows("t17") }}
