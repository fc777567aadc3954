# Cross-compiles static programs for the rescue image. MOX_SYSROOT is the folder that image/build-sysroot prints.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
# Archives of LTO objects need the compiler's own tools.
set(CMAKE_AR aarch64-linux-gnu-gcc-ar)
set(CMAKE_RANLIB aarch64-linux-gnu-gcc-ranlib)

list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES MOX_SYSROOT)
if(NOT IS_DIRECTORY "${MOX_SYSROOT}")
    message(FATAL_ERROR "MOX_SYSROOT is not a folder: '${MOX_SYSROOT}'. image/build-programs sets it.")
endif()
set(CMAKE_SYSROOT "${MOX_SYSROOT}")
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} "${MOX_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${MOX_SYSROOT}/usr/share/pkgconfig")
set(ENV{PKG_CONFIG_SYSROOT_DIR} "${MOX_SYSROOT}")

# The cross compiler has an older libc of its own: start files and libraries of the sysroot come first (-B, -L). What
# is not called is left out, and no path of the build gets into the program (Boost's exceptions name their files).
string(JOIN " " flags "-B${MOX_SYSROOT}/usr/lib/aarch64-linux-gnu/" -ffunction-sections -fdata-sections
    "-ffile-prefix-map=${MOX_SYSROOT}=" "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
set(CMAKE_C_FLAGS_INIT "${flags}")
set(CMAKE_CXX_FLAGS_INIT "${flags}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -L${MOX_SYSROOT}/usr/lib/aarch64-linux-gnu -Wl,--gc-sections")
set(PKG_CONFIG_ARGN --static)
# libarchive and libubootenv call zlib; their static versions do not say so.
set(CMAKE_CXX_STANDARD_LIBRARIES "-lz")
