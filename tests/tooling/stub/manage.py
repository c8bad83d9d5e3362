"""The command line of the stub product."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "msl_crm.settings")
execute_from_command_line(sys.argv)
