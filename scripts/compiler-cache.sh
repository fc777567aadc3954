# Sourced by what compiles C++: what has been compiled once, in this clone or in another one, is not compiled again.
#
#   use_compiler_cache CHECKOUT     for a build that is configured from now on, if ccache is there

use_compiler_cache() {
    command -v ccache >/dev/null || return 0
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache
    export CCACHE_DIR="${XDG_CACHE_HOME:-$HOME/.cache}/mox-rescue/ccache" CCACHE_MAXSIZE=2G
    # Two clones have the same files in two places.
    export CCACHE_BASEDIR="$1"
    # (Clang's precompiled headers have times in them: its presets have none.)
    # What a file includes is what the compiler says, and that is precompiled headers too; none of ours has the time in it.
    export CCACHE_DEPEND=1 CCACHE_SLOPPINESS=pch_defines,time_macros
}
