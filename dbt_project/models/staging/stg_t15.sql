{{ standing_rows("t15") }}
