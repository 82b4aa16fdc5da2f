#!/bin/sh
# Starts the agent where its own control group is the root of all it sees. On cgroup v1 the container runtime has
# done that; on v2 a privileged container sees the host's groups, so it gets a cgroup namespace and a mount of it.
set -e
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  # shellcheck disable=SC2016 # the inner shell expands it
  exec unshare --cgroup --mount --propagation private \
    sh -ec 'mount -t cgroup2 cgroup2 /sys/fs/cgroup; exec "$@"' sh "$@"
fi
exec "$@"
