{{ kept_versions("l3") }}
