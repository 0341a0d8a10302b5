{{ kept_versions("l1") }}
