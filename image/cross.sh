# Sourced by the build scripts: how static arm64 programs and their libraries are compiled.
#
#   cross_compiler SYSROOT     sets $triplet, $libraries and $compiler. The cross compiler's own libc lags behind
#                              Debian's, hence -B and -L: start files and libraries of the sysroot come first.
#                              $size_flags are for programs and libraries in C, where nobody unwinds a stack.

triplet=aarch64-linux-gnu

cross_compiler() {
    # shellcheck disable=SC2034  # for whoever sources this
    libraries=$1/usr/lib/$triplet
    compiler="$triplet-gcc --sysroot=$1 -B$1/usr/lib/$triplet/ -L$1/usr/lib/$triplet"
    size_flags="-Os -ffunction-sections -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables"
    # Neither the place of the build nor that of the sysroot gets into the result.
    compiler="$compiler -ffile-prefix-map=$1=/ -ffile-prefix-map=$cache=/"
}

# Versions that everything that is cross-compiled depends on.
cross_versions() {
    package_versions gcc-12-aarch64-linux-gnu binutils-aarch64-linux-gnu
}
