#!/bin/sh
# Runs Ingero on a host with a GPU and without internet, and leaves everything it saw in one folder.
#
#   run-on-gpu-host.sh [options] -- COMMAND [ARGUMENT...]   trace all CUDA processes while COMMAND runs
#   run-on-gpu-host.sh [options] -p PID                     trace a running process
#   run-on-gpu-host.sh [options]                            only `ingero check`
#
#   -a ARCHIVE   the bundle; default: the ingero-*.tar.xz beside this script; not needed inside an unpacked bundle
#   -o FOLDER    for the results; default: ./ingero-out
#   -d TIME      how long to trace with -p, such as 30s or 5m; default: 60s
#   -r           also record every raw event (capture.igr), to be replayed elsewhere
#   -t ARGUMENT  one more argument for `ingero trace`; may be repeated
#
# Results: check.txt, trace.ndjson (steps, outliers, a summary), trace.log, ingero.db, workload.log, capture.igr.
# Needs root. Exits with the code of COMMAND, or with that of the trace if
# COMMAND succeeded; 2 is wrong usage or a missing privilege.
set -u

usage() {
	sed -n '2,/^set -u/{/^#/{s/^# \{0,1\}//;p;};}' "$0" >&2
	exit 2
}

fail() {
	echo "run-on-gpu-host: $*" >&2
	exit 2
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
archive=
out=ingero-out
duration=60s
pid=
record=
extra=
while [ $# -gt 0 ]; do
	case $1 in
		-r) record=yes; shift; continue ;;
		--) shift; break ;;
		-a | -o | -d | -p | -t) [ $# -ge 2 ] || usage ;;
		*) usage ;;
	esac
	case $1 in
		-a) archive=$2 ;;
		-o) out=$2 ;;
		-d) duration=$2 ;;
		-p) pid=$2 ;;
		-t) extra="$extra
$2" ;;
	esac
	shift 2
done
[ -z "$pid" ] || [ $# -eq 0 ] || fail "give -p PID or a command, not both"

# The folder of the bundle: this one, or one unpacked for the purpose.
if [ -x "$here/ingero" ]; then
	bundle=$here
else
	[ -n "$archive" ] || archive=$(ls "$here"/ingero-*-linux-*.tar.xz 2>/dev/null | tail -n 1)
	[ -f "$archive" ] || fail "no bundle found; name it with -a ARCHIVE"
	folder=$(mktemp -d "${TMPDIR:-/tmp}/ingero.XXXXXX")
	if command -v xz >/dev/null && command -v tar >/dev/null; then
		tar -C "$folder" -xJf "$archive"
	elif command -v python3 >/dev/null; then
		python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$archive" "$folder"
	else
		fail "unpacking $archive needs xz or python3"
	fi || fail "$archive can't be unpacked"
	bundle=$(echo "$folder"/ingero-*)
	echo "unpacked to $bundle"
fi
ingero=$bundle/ingero

mkdir -p "$out" && out=$(CDPATH='' cd -- "$out" && pwd) || fail "$out can't be written"
"$ingero" version | tee "$out/check.txt"
"$ingero" check 2>&1 | tee -a "$out/check.txt"
[ -n "$pid" ] || [ $# -gt 0 ] || exit 0

# The command keeps the positional parameters until it is started; the trace's own go through a function's.
trace() {
	# Split -t arguments at line ends only, and expand nothing in them.
	set -f
	IFS='
'
	# shellcheck disable=SC2086
	set -- trace --inference --json --emit outliers,steps --db "$out/ingero.db" "$@" $extra
	[ -z "$record" ] || set -- "$@" --capture "$out/capture.igr"
	exec "$ingero" "$@" >"$out/trace.ndjson" 2>"$out/trace.log"
}

finish() {
	[ -z "${folder:-}" ] || rm -rf "$folder"
	echo
	tail -n 12 "$out/trace.log"
	echo
	echo "exit code of the trace: $1; results in $out:"
	ls -l "$out"
}

if [ -n "$pid" ]; then
	(trace --pid "$pid" --duration "$duration")
	code=$?
	finish "$code"
	exit "$code"
fi

(trace) &
tracer=$!
workload=
# A shell starts what it puts in the background deaf to SIGINT; the agent listens again, a workload may not.
trap 'kill -INT $tracer 2>/dev/null; [ -z "$workload" ] || kill -TERM "$workload" 2>/dev/null' INT TERM
# A trace that is not allowed to, says so within seconds; a workload that needs minutes to load should not run for it.
sleep 3
if ! grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$tracer/status"; then
	wait "$tracer"
	code=$?
	finish "$code"
	exit "$code"
fi
"$@" >"$out/workload.log" 2>&1 &
workload=$!
wait "$workload"
code=$?
# What the workload did last is still on its way.
sleep 1
kill -INT "$tracer" 2>/dev/null
wait "$tracer"
trace_code=$?
finish "$trace_code"
echo "exit code of the workload: $code"
[ "$code" -ne 0 ] || exit "$trace_code"
exit "$code"
