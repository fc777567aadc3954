# mox_room(NAME [DEPENDS room...] [LIBRARIES lib...]): src/NAME as the static library mox_NAME.
# The sources are all .cpp files of the folder: folders are the architecture.
function(mox_room name)
    cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
    add_library(mox_${name} STATIC ${sources})
    target_precompile_headers(mox_${name} REUSE_FROM mox_precompiled)
    target_include_directories(mox_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
    foreach(room IN LISTS ROOM_DEPENDS)
        target_link_libraries(mox_${name} PUBLIC mox_${room})
    endforeach()
    target_link_libraries(mox_${name} PUBLIC ${ROOM_LIBRARIES})
endfunction()
