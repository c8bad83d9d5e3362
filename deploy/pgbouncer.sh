#!/bin/sh
# Writes the user list from the environment, then becomes PgBouncer.
set -eu
umask 077
quoted=$(printf '%s' "${CRM_WEB_PASSWORD:?}" | sed 's/"/""/g')
printf '"crm_web" "%s"\n' "$quoted" > /tmp/userlist.txt
exec pgbouncer "${1:-/etc/crm/pgbouncer.ini}"
