{{ standing_rows("t09") }}
