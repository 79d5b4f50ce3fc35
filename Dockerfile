# One image for every role: `zhengda up` alone is the whole service, `zhengda up --role worker|api|scheduler` a part.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    ZHENGDA_DATA=/data \
    ZHENGDA_HOST=0.0.0.0 \
    ZHENGDA_LOG_FORMAT=json \
    NUMBA_CACHE_DIR=/var/cache/zhengda

RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin zhengda \
    && install -d -o zhengda -g zhengda -m 0700 /data /var/cache/zhengda

WORKDIR /app
# What is sent here is listed in .dockerignore.
COPY . .
RUN pip install -c constraints.txt -e .

USER zhengda
# The index's machine code for the processor that builds the image; another kind of processor compiles its own there.
RUN python -c "from streams.matching.packed import warm_up; warm_up()"
VOLUME /data
EXPOSE 8300

# A worker answers /healthz too. The image has no curl.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8300/healthz', timeout=4)"]

CMD ["zhengda", "up"]
