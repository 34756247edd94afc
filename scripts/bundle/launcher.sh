#!/bin/sh
# Runs the agent on the Node beside it. Uses nothing but the shell, unless it is called through a symbolic link.
self=$0
[ -h "$self" ] && self=$(readlink -f "$self")
here=${self%/*}
exec "$here/bin/node" "$here/app/node_modules/@ingero/agent/bin/ingero.js" "$@"
