# Every warning that our rules name is an error: main always builds without any.
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 sees overlaps and overruns in joined std::strings that are not there (GCC bugs 105329, 105651), and frees
    # of what was never allocated where a std::expected's error is destroyed. AddressSanitizer and Clang look for the
    # real ones.
    add_compile_options(-Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread
                        -Wno-free-nonheap-object)
endif()
if(NOT MOX_SANITIZE)
    # The sanitizers' own code makes GCC's flow analysis see more of what is not there.
    add_compile_options(-Werror)
endif()
