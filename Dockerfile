FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/console
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
# The settings ask for addresses and secrets; gathering static files uses none of them.
RUN DATABASE_URL=postgres://none/none REDIS_URL=redis://none SECRET_KEY=none CREDENTIAL_KEYS=none \
    python manage.py collectstatic --noinput \
 && useradd --system --no-create-home console
USER console
EXPOSE 8000
CMD ["gunicorn", "jspm_social.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--access-logfile", "-", \
     "--no-control-socket"]
