# Sourced by the build scripts: what is expensive is kept in ${XDG_CACHE_HOME:-$HOME/.cache}/mox-rescue/NAME-HASH,
# the hash being over everything that goes in. A folder there is complete: it is filled elsewhere and then renamed.
#
#   cache_place NAME HASH              sets $cached; true if it is there already, else only we build NAME until we end
#   cache_begin                        sets $work and $result: fill $result. If the script fails, the end of $work/log
#                                      is shown; the folder goes away in any case
#   logged STEPS COMMAND...            runs COMMAND, which writes about STEPS lines into $work/log, and tells how far it is
#   cache_finish                       $result becomes $cached
#   cache_hand_out FOLDER FILE...      links the files of $cached into FOLDER

cache=${XDG_CACHE_HOME:-$HOME/.cache}/mox-rescue

# Versions of Debian packages as lines, for the hash.
package_versions() {
    # shellcheck disable=SC2016  # dpkg-query's own variables
    dpkg-query --show --showformat '${Package} ${Version}\n' "$@"
}

cache_place() {
    cache_name=$1
    cached=$cache/$1-$(echo "$2" | cut -c 1-16)
    [ ! -d "$cached" ] || return 0
    mkdir -p "$cache"
    exec 9>"$cache/$1.lock"
    if ! flock --nonblock 9; then
        echo "== Waiting for somebody else who is building $1" >&2
        flock 9
    fi
    [ -d "$cached" ]
}

cache_begin() {
    work=$(mktemp -d "$cache/unfinished.XXXXXX")
    trap cache_abandon EXIT
    trap 'exit 130' HUP INT TERM
    result=$work/result
    mkdir "$result"
    ticker=
}

logged() {
    logged_steps=$1
    shift
    : >"$work/log"
    (while sleep 20 >/dev/null 2>&1; do echo "   $cache_name: $(wc -l <"$work/log") of about $logged_steps steps"; done) >&2 9>&- &
    ticker=$!
    logged_status=0
    "$@" >"$work/log" 2>&1 || logged_status=$?
    kill "$ticker" 2>/dev/null || true
    ticker=
    return "$logged_status"
}

cache_abandon() {
    [ -z "$ticker" ] || kill "$ticker" 2>/dev/null || true
    [ ! -e "$work/log" ] || tail -n 40 "$work/log" >&2
    rm -rf "$work"
}

cache_finish() {
    chmod 755 "$result"
    mv -T "$result" "$cached"
    rm -rf "$work"
    trap - EXIT HUP INT TERM
}

cache_hand_out() {
    hand_out_to=$1
    shift
    mkdir -p "$hand_out_to"
    for hand_out_file in "$@"; do
        ln -sfn "$cached/$hand_out_file" "$hand_out_to/$hand_out_file"
    done
}
