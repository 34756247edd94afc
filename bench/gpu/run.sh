#!/usr/bin/env bash
# Measures on a GPU host what the agent costs and what it sees, and writes one report.
#
#   run.sh BUNDLE OUT [PART...] [OPTION...]
#
#   BUNDLE   folder with `ingero` in it, or with an ingero-*.tar.xz, which is unpacked to /tmp/ingero-bundle
#   OUT      gets results.jsonl, report.json, report.md and logs.tar.gz; results of earlier runs in it are added to
#
# `run.sh BUNDLE OUT --help` lists parts and options. Needs root and Python 3.10; PyTorch and the other frameworks for what
# measures them.
set -u
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 2 ]; then
	sed -n '2,/^set -u/{/^#/{s/^# \{0,1\}//;p;};}' "$0" >&2
	exit 2
fi
bundle=$1
out=$2
shift 2
if [ ! -x "$bundle/ingero" ]; then
	archive=$(ls "$bundle"/ingero-*-linux-*.tar.xz 2>/dev/null | tail -n 1)
	if [ -z "$archive" ]; then
		echo "run.sh: $bundle has neither ingero nor an ingero-*.tar.xz" >&2
		exit 2
	fi
	mkdir -p /tmp/ingero-bundle
	python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$archive" /tmp/ingero-bundle.new || exit 2
	rm -rf /tmp/ingero-bundle
	mv /tmp/ingero-bundle.new/ingero-* /tmp/ingero-bundle && rmdir /tmp/ingero-bundle.new
	bundle=/tmp/ingero-bundle
fi
PYTHONUNBUFFERED=1 exec python3 "$here/main.py" --ingero "$(cd "$bundle" && pwd)/ingero" --out "$out" "$@"
