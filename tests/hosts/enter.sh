#!/bin/sh
# Runs a line of shell on one of the machines of hosts.py, as ssh would: enter.sh ADDRESS WORDS...
name="$CLOUDMASK_TEST_HOSTS${1##*.}"
shift
exec ip netns exec "$name" unshare --uts sh -c 'hostname "$0" && exec sh -c "$1"' "$name" "$*"
