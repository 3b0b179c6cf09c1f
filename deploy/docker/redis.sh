#!/bin/sh
# Redis 7 of Debian in a container. The password comes by standard input: arguments can be seen by everybody.
set -eu
exec redis-server - <<SETTINGS
bind * -::*
port 6379
protected-mode yes
requirepass $(cat /run/guanxi/redis)
dir /var/lib/redis
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
save ""
SETTINGS
