#!/bin/sh
# Boots one machine and stays as its parent. All mounts are made in a mount namespace of
# their own, so they end with the machine however it ends.
# CGROUPS: control groups to enter · LOWER UPPER WORK MERGED: the overlay · then systemd-nspawn's arguments
set -e
for group in $CGROUPS; do echo $$ > "$group/cgroup.procs"; done
# shellcheck disable=SC2016 # the inner shell expands them
exec unshare --mount --propagation private sh -ec '
  mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$UPPER,workdir=$WORK" "$MERGED"
  mkdir -p /run/systemd/nspawn
  mount -t tmpfs tmpfs /run/systemd/nspawn
  exec systemd-nspawn "$@"
' sh "$@"
