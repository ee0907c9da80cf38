# The service alone: the store is elsewhere (see docker-compose.yml), and nmap is not in the image.

FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/cmdb
# The dependencies first: they change less often than the sources.
COPY pyproject.toml setup.py README.md LICENSE ./
COPY scripts/build_backend.py scripts/
RUN mkdir cmdb discovery api && touch cmdb/__init__.py discovery/__init__.py api/__init__.py \
    && /opt/cmdb/bin/pip install --no-cache-dir --prefer-binary . \
    && /opt/cmdb/bin/pip uninstall --yes graph-cmdb
COPY cmdb cmdb
COPY discovery discovery
COPY api api
RUN /opt/cmdb/bin/pip install --no-cache-dir --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/cmdb cmdb
COPY --from=build /opt/cmdb /opt/cmdb
ENV PATH=/opt/cmdb/bin:$PATH \
    PYTHONUNBUFFERED=1
# By number: that needs no look into the image to be known as not root.
USER 10001
WORKDIR /var/lib/cmdb
VOLUME /var/lib/cmdb
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", \
         "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["cmdb", "serve", "--host", "0.0.0.0", "--port", "8000"]
