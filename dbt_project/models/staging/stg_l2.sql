{{ kept_versions("l2") }}
