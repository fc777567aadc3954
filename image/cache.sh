# Sourced by the build scripts: what is expensive is kept in ${XDG_CACHE_HOME:-$HOME/.cache}/mox-rescue/NAME-HASH,
# the hash being over everything that goes in. A folder there is complete: it is filled elsewhere and then renamed.
#
#   cache_place NAME HASH              sets $cached; true if it is there already
#   cache_begin                        sets $work and $result: fill $result. If the script fails, the end of $work/log
#                                      is shown; the folder goes away in any case
#   cache_finish                       $result becomes $cached
#   cache_hand_out FOLDER FILE...      links the files of $cached into FOLDER

cache=${XDG_CACHE_HOME:-$HOME/.cache}/mox-rescue

# Versions of Debian packages as lines, for the hash.
package_versions() {
    # shellcheck disable=SC2016  # dpkg-query's own variables
    dpkg-query --show --showformat '${Package} ${Version}\n' "$@"
}

cache_place() {
    cached=$cache/$1-$(echo "$2" | cut -c 1-16)
    [ -d "$cached" ]
}

cache_begin() {
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/unfinished.XXXXXX")
    trap cache_abandon EXIT
    trap 'exit 130' HUP INT TERM
    result=$work/result
    mkdir "$result"
}

cache_abandon() {
    [ ! -e "$work/log" ] || tail -n 40 "$work/log" >&2
    rm -rf "$work"
}

cache_finish() {
    chmod 755 "$result"
    # Somebody else may have been quicker: theirs is as good.
    mv -T "$result" "$cached" 2>/dev/null || [ -d "$cached" ]
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
