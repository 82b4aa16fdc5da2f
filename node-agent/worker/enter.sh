#!/bin/sh
# Starts the agent with its own control group as the root. On cgroup v1 the container runtime provides that; on v2 a
# privileged container sees the host's groups, so it needs a cgroup namespace and a mount of it.
set -e
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  # shellcheck disable=SC2016 # the inner shell expands it
  exec unshare --cgroup --mount --propagation private \
    sh -ec 'mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec "$@"' sh "$@"
fi
exec "$@"
