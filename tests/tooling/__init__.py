"""Tests of dev.py, the private servers and the deployment files."""
