# PostgreSQL and Redis from Debian's packages, for Compose.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
RUN printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d \
 && apt-get update \
 && apt-get install -y --no-install-recommends postgresql-common \
 && printf 'create_main_cluster = false\n' >> /etc/postgresql-common/createcluster.conf \
 && apt-get install -y --no-install-recommends postgresql-15 redis-server \
 && rm -rf /var/lib/apt/lists/* \
 && groupmod --gid 10001 postgres && usermod --uid 10001 --gid 10001 postgres \
 && install -d -o 10001 -g 10001 /var/lib/postgresql/data /run/guanxi && chown 10001:10001 /var/lib/redis
COPY deploy/docker/postgres.sh deploy/docker/redis.sh /usr/local/bin/
USER 10001:10001
