/**
 * For programs that do not watch their standard input, a shell does: `$0 $@` is ended when the input ends, and the shell
 * leaves with its status when that ends by itself. The watcher is ended first, so that it cannot signal a stranger.
 */
export const UNTIL_INPUT_ENDS = `
exec 3<&0
"$0" "$@" </dev/null 3<&- & child=$!
( while read -r _ <&3; do :; done; kill -TERM "$child" ) >/dev/null 2>&1 & watcher=$!
exec 3<&-
wait "$child"; status=$?
kill "$watcher" 2>/dev/null
exit "$status"`;
