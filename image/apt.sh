# Sourced by the build scripts: Debian packages from the mirrors of this machine, with an apt state of its own.
# Nothing on the machine changes, and foreign architectures and sources need no configuration.
#
#   private_apt FOLDER deb|deb-src     writes FOLDER/apt.conf and FOLDER/sources.list

private_apt() {
    mkdir -p "$1/state/lists/partial" "$1/cache/archives/partial"
    # Sorted by release, because of two equal versions apt takes the first, and only the release itself keeps its files:
    # the security archive drops what a point release has taken over.
    # shellcheck disable=SC2016  # apt's own variables
    apt-get indextargets --format "$2"' $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' 'Component: main' | sort -u -k 3 >"$1/sources.list"
    if [ ! -s "$1/sources.list" ]; then
        echo "No package list of Debian on this machine: run apt-get update first." >&2
        return 1
    fi
    cat >"$1/apt.conf" <<END
Dir::State "$1/state";
Dir::State::status "/dev/null";
Dir::Cache "$1/cache";
Dir::Etc::SourceList "$1/sources.list";
Dir::Etc::SourceParts "/dev/null";
APT::Sandbox::User "";
END
}
