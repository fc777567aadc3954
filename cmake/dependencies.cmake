# One line each: why we have it. Debian 12's packages, see scripts/setup.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# Event loop and coroutines: one thread that waits for button, timers and network; headers only, compiled
# once in asio_implementation.cpp.
find_package(Boost 1.81 REQUIRED)
add_library(mox_asio STATIC "${CMAKE_CURRENT_LIST_DIR}/asio_implementation.cpp")
target_link_libraries(mox_asio PUBLIC Boost::headers Threads::Threads)
target_compile_definitions(mox_asio PUBLIC BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION)
# GCC 12 does not see that a coroutine frame's operator new and delete are a pair (GCC bug 103993).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(mox_asio PUBLIC -Wno-mismatched-new-delete)
endif()
# HTTP and WebSockets on that event loop, for the front panel in a browser: part of Boost, headers only too.
add_library(mox_beast STATIC EXCLUDE_FROM_ALL "${CMAKE_CURRENT_LIST_DIR}/beast_implementation.cpp")
target_link_libraries(mox_beast PUBLIC mox_asio)
target_compile_definitions(mox_beast PUBLIC BOOST_BEAST_SEPARATE_COMPILATION)

# tar in all its dialects (pax, GNU, ustar), reading and writing; the writer of files is our own, in parallel.
pkg_check_modules(libarchive REQUIRED IMPORTED_TARGET libarchive)
# Inflate: 4x zlib on x86, 2x on the Cortex-A53.
pkg_check_modules(libisal REQUIRED IMPORTED_TARGET libisal)
# Deflate: 4x zlib at the same size, the same bytes on every processor (docs/decisions/060).
pkg_check_modules(libdeflate REQUIRED IMPORTED_TARGET libdeflate)
# MD5 and SHA-256 with the processor's own instructions (libsodium has no MD5 and a plain SHA-256);
# comes with libarchive in the image.
pkg_check_modules(nettle REQUIRED IMPORTED_TARGET nettle)
# Ed25519 and SHA-512: small, audited, static in the image.
pkg_check_modules(libsodium REQUIRED IMPORTED_TARGET libsodium)
# What is on a block device: file systems and partition tables.
pkg_check_modules(blkid REQUIRED IMPORTED_TARGET blkid)
# Writing the DOS partition table.
pkg_check_modules(fdisk REQUIRED IMPORTED_TARGET fdisk)
# Subvolumes and snapshots without running the btrfs tool.
find_library(BTRFSUTIL_LIBRARY btrfsutil REQUIRED)
# U-Boot's environment, on flash or in a file.
find_library(UBOOTENV_LIBRARY ubootenv REQUIRED)
# The button, found by its key code.
pkg_check_modules(libevdev REQUIRED IMPORTED_TARGET libevdev)
# HTTPS; in the image built small, with mbedTLS.
pkg_check_modules(libcurl REQUIRED IMPORTED_TARGET libcurl)
# Command lines with --help for free; 200 kB in the image, measured in the design notes.
find_package(CLI11 REQUIRED)
# --json of every program.
find_package(nlohmann_json REQUIRED)

# Third-party headers are not held to our warnings.
foreach(target PkgConfig::libarchive PkgConfig::libisal PkgConfig::libdeflate PkgConfig::nettle PkgConfig::libsodium PkgConfig::blkid PkgConfig::fdisk PkgConfig::libevdev PkgConfig::libcurl)
    get_target_property(includes ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(includes)
        set_target_properties(${target} PROPERTIES INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${includes}")
    endif()
endforeach()
