"""Dashboards as code: what a Superset shows of the masked marts, written into files and checked without a server."""
