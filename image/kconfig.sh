# Sourced by the build scripts: a configuration fragment of Kconfig must be taken as it is written.
#
#   check_kconfig FRAGMENT CONFIG      every line of FRAGMENT holds in CONFIG; "is not set" also for what is out of sight

check_kconfig() {
    kconfig_failed=0
    while read -r kconfig_line; do
        case $kconfig_line in
            CONFIG_*)
                grep -qxF -- "$kconfig_line" "$2" && continue
                echo "Not taken: $kconfig_line" >&2
                kconfig_failed=1
                ;;
            "# CONFIG_"*" is not set")
                kconfig_name=${kconfig_line#\# }
                grep -q "^${kconfig_name% is not set}=" "$2" || continue
                echo "Not switched off: ${kconfig_name% is not set}" >&2
                kconfig_failed=1
                ;;
        esac
    done <"$1"
    if [ "$kconfig_failed" -ne 0 ]; then
        echo "$1: Kconfig overrules the lines above; another option selects them or they miss a dependency." >&2
        return 1
    fi
}
