{{ kept_versions("l4") }}
