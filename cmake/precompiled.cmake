# What nearly every file includes is parsed once: a third of the build time. `-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON`
# builds without (scripts/lint does, and so finds missing includes).
set(standard_headers <algorithm> <chrono> <expected> <filesystem> <functional> <map> <memory> <optional> <span>
    <string> <string_view> <thread> <variant> <vector>)
file(WRITE "${PROJECT_BINARY_DIR}/precompiled.cpp" "// Only here to precompile headers.\n")

add_library(mox_precompiled OBJECT "${PROJECT_BINARY_DIR}/precompiled.cpp")
target_precompile_headers(mox_precompiled PRIVATE ${standard_headers})

# The same with GoogleTest.
if(NOT MOX_IMAGE)
    find_package(GTest REQUIRED)
    add_library(mox_precompiled_test OBJECT EXCLUDE_FROM_ALL "${PROJECT_BINARY_DIR}/precompiled.cpp")
    target_link_libraries(mox_precompiled_test PRIVATE GTest::gtest)
    target_precompile_headers(mox_precompiled_test PRIVATE ${standard_headers} <gtest/gtest.h>)
endif()
