{{ standing_rows("e04") }}
