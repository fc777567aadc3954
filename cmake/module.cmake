# mox_module(NAME [DEPENDS module...] [LIBRARIES lib...] [EXCEPT file...]): src/NAME as the static library mox_NAME.
# The sources are all .cpp files of the directory and below, without those of EXCEPT: directories are the architecture.
# mox_module(NAME SOURCES file...): a second library of the same directory, for what needs more than the first one has.
function(mox_module name)
    cmake_parse_arguments(MODULE "" "" "DEPENDS;LIBRARIES;SOURCES;EXCEPT" ${ARGN})
    if(NOT MODULE_SOURCES)
        file(GLOB_RECURSE MODULE_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
        list(TRANSFORM MODULE_EXCEPT PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
        list(REMOVE_ITEM MODULE_SOURCES ${MODULE_EXCEPT})
    endif()
    add_library(mox_${name} STATIC ${MODULE_SOURCES})
    target_precompile_headers(mox_${name} REUSE_FROM mox_precompiled)
    target_include_directories(mox_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
    foreach(module IN LISTS MODULE_DEPENDS)
        target_link_libraries(mox_${name} PUBLIC mox_${module})
    endforeach()
    target_link_libraries(mox_${name} PUBLIC ${MODULE_LIBRARIES})
endfunction()
