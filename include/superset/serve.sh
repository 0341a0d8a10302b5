#!/bin/sh
# Serve Superset, in two processes of eight threads: whoever waits for the warehouse keeps nobody else from asking.
exec gunicorn --bind 0.0.0.0:8088 --workers 2 --worker-class gthread --threads 8 --timeout 120 --no-control-socket \
  "superset.app:create_app()"
