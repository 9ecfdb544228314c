#!/bin/sh
# What a job of continuous integration runs, in the root of the repository: accuracy and counted quantities against the committed baselines,
# then, where AGAINST names a revision that knows how, wall time against it. Reports are in results/check; on GitHub the job's summary has them too.
set -u
program=$(mktemp -d)/ctrlab
go build -o "$program" ./cmd/ctrlab || exit 3
worst=0
check() { # check NAME FLAG…
	out=results/check/$1
	shift
	"$program" check --db "" --out "$out" "$@"
	status=$?
	echo "exit status $status"
	[ -z "${GITHUB_STEP_SUMMARY:-}" ] || [ ! -f "$out/check.md" ] || cat "$out/check.md" >>"$GITHUB_STEP_SUMMARY"
	case $status in
	0) ;;
	4) echo "inconclusive: neither a pass nor a regression is shown; this does not fail the job" ;;
	*) [ $worst -eq 1 ] || worst=$status ;;
	esac
}
check accuracy
if [ -n "${AGAINST:-}" ] && git cat-file -e "$AGAINST:cmd/cli/check_speed.go" 2>/dev/null; then
	check speed --against "$AGAINST" ${CHECK_FLAGS:-}
else
	echo "no revision to compare the speed with"
fi
rm -r "$(dirname "$program")"
exit $worst
