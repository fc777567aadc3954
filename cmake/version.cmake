# The version of everything: the file VERSION, such as 1.0.0-rc1. CMake's own versions are numbers alone.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/VERSION")
file(STRINGS "${CMAKE_CURRENT_SOURCE_DIR}/VERSION" MOX_VERSION LIMIT_COUNT 1)
string(REGEX MATCH "^[0-9]+[.][0-9]+[.][0-9]+" MOX_VERSION_NUMBERS "${MOX_VERSION}")

# mox_version: version and commit as text, in a source file of its own that each build looks at: after a commit this file is
# compiled and the programs are linked again, nothing else.
function(mox_add_version_library)
    set(source "${PROJECT_BINARY_DIR}/version.cpp")
    add_custom_target(mox_version_text
        COMMAND "${PROJECT_SOURCE_DIR}/cmake/write-version" "${PROJECT_SOURCE_DIR}" "${source}"
        BYPRODUCTS "${source}" COMMENT "" VERBATIM)
    add_library(mox_version STATIC "${source}")
    add_dependencies(mox_version mox_version_text)
    target_include_directories(mox_version PUBLIC "${PROJECT_SOURCE_DIR}/src")
endfunction()
