{{ standing_rows("t18") }}
