# One image for web, worker, beat and the one-shot jobs: same code, same settings, another command.
FROM python:3.13-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt /tmp/
RUN /venv/bin/python -m pip install --require-hashes -r /tmp/requirements.txt

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=msl_crm.settings STATIC_ROOT=/app/staticfiles
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin crm \
 && install -d -o crm -g crm /app /var/lib/crm /var/lib/crm/anchors
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
# Nothing here touches a database; the key and the address only satisfy the settings.
RUN export SECRET_KEY=build DATABASE_URL=postgres://nobody@localhost/none \
 && python manage.py fetch_assets \
 && python manage.py compile_catalogues \
 && python manage.py collectstatic --noinput
USER crm
EXPOSE 8000
CMD ["gunicorn", "msl_crm.wsgi", "--no-control-socket", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4"]
