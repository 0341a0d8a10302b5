# One image for every Airflow component and for the workers. Holds no secret and no data.
FROM python:3.12-slim-trixie

ARG YIKU_UID=50000
ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PATH=/opt/venv/bin:$PATH \
    YIKU_PROJECT_ROOT=/opt/yiku \
    YIKU_HOME=/var/lib/yiku \
    AIRFLOW_HOME=/opt/airflow \
    LC_ALL=C.UTF-8 \
    TZ=Asia/Shanghai

RUN useradd --uid ${YIKU_UID} --create-home --shell /usr/sbin/nologin yiku \
    && install -d -o yiku -g yiku /opt/yiku /opt/airflow /opt/airflow/config /opt/airflow/logs \
    && install -d -o yiku -g yiku -m 700 /var/lib/yiku && install -d /inbox

# `yiku backup` and `yiku restore` need a client that is no older than the server and speaks TLS; what is printed needs
# Chinese fonts.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client fonts-noto-cjk && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/yiku

# The packages change less often than the code: a layer of their own, from the hashed lock.
COPY requirements.lock ./
RUN python -m venv /opt/venv \
    && pip install --require-hashes --only-binary :all: --requirement requirements.lock

COPY pyproject.toml README.md ./
COPY include ./include
RUN pip install --no-deps --no-build-isolation --editable . && python -m compileall -q include

COPY dags ./dags
COPY dbt_project ./dbt_project
COPY expectations ./expectations
# COPY keeps the modes of the checkout, and one made under umask 077 is for its owner's eyes alone.
RUN chmod -R a+rX /opt/yiku
RUN python -c "from pathlib import Path; from yiku.airflow_home import write_local_settings; \
write_local_settings(Path('/opt/airflow/config'))"

USER yiku
VOLUME ["/var/lib/yiku"]
CMD ["airflow", "scheduler"]
