# PgBouncer from Debian. The user list is written when it starts, because a password is no part of an image.
FROM debian:trixie-slim
RUN apt-get update && apt-get install -y --no-install-recommends pgbouncer && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin pooler
COPY pgbouncer.ini /etc/crm/pgbouncer.ini
COPY --chmod=755 pgbouncer.sh /usr/local/bin/start-pgbouncer
USER pooler
EXPOSE 6432
CMD ["start-pgbouncer"]
