# `cmake --install`, one component for each package (packaging/debian). DESTDIR and the prefix count everywhere but below
# /etc, because the programs read their configuration there whatever the prefix is; CMAKE_INSTALL_SYSCONFDIR names another one.
include(GNUInstallDirs)
set(configuration "/etc")
if(DEFINED CACHE{CMAKE_INSTALL_SYSCONFDIR} AND IS_ABSOLUTE "${CMAKE_INSTALL_SYSCONFDIR}")
    set(configuration "${CMAKE_INSTALL_SYSCONFDIR}")
endif()
set(packaging "${PROJECT_SOURCE_DIR}/packaging")

# mox_install_documentation(COMPONENT MANUAL...): manual pages, and completion for bash of programs that have one.
function(mox_install_documentation component)
    foreach(page IN LISTS ARGN)
        string(REGEX MATCH "^(.+)[.]([0-9])$" ignored "${page}")
        install(FILES "${PROJECT_SOURCE_DIR}/docs/man/${page}" COMPONENT ${component}
            DESTINATION "${CMAKE_INSTALL_MANDIR}/man${CMAKE_MATCH_2}")
        if(EXISTS "${packaging}/bash-completion/${CMAKE_MATCH_1}")
            install(FILES "${packaging}/bash-completion/${CMAKE_MATCH_1}" COMPONENT ${component}
                DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
        endif()
    endforeach()
endfunction()

# mox_install_with_paths(COMPONENT DIRECTORY FILE [NAME]): a file that names programs below /usr; they get the prefix of the
# installation. DIRECTORY is relative to the prefix, or absolute.
function(mox_install_with_paths component directory file)
    cmake_path(GET file FILENAME name)
    if(ARGC GREATER 3)
        set(name "${ARGV3}")
    endif()
    install(CODE "
        file(READ \"${file}\" text)
        string(REGEX REPLACE \"/usr/(bin|sbin|libexec)/\" \"\${CMAKE_INSTALL_PREFIX}/\\\\1/\" text \"\${text}\")
        file(WRITE \"${PROJECT_BINARY_DIR}/installed/${name}\" \"\${text}\")"
        COMPONENT ${component})
    install(FILES "${PROJECT_BINARY_DIR}/installed/${name}" DESTINATION "${directory}" COMPONENT ${component})
endfunction()

function(mox_install_units component)
    foreach(unit IN LISTS ARGN)
        mox_install_with_paths(${component} lib/systemd/system "${packaging}/systemd/${unit}")
    endforeach()
endfunction()

install(TARGETS schnapps DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT schnapps)
install(PROGRAMS "${packaging}/schnapps/automatic" DESTINATION libexec/schnapps COMPONENT schnapps)
install(FILES "${packaging}/schnapps/schnapps.uci" RENAME schnapps DESTINATION "${configuration}/config" COMPONENT schnapps)
mox_install_with_paths(schnapps "${configuration}/apt/apt.conf.d" "${packaging}/schnapps/apt.conf" 80schnapps)
mox_install_units(schnapps schnapps-cleanup.service schnapps-cleanup.timer schnapps-weekly.service schnapps-weekly.timer
    schnapps-savepoint.service)
mox_install_documentation(schnapps schnapps.1)

install(TARGETS mox-button DESTINATION "${CMAKE_INSTALL_SBINDIR}" COMPONENT mox-button)
install(FILES "${packaging}/mox-button.conf" DESTINATION "${configuration}" COMPONENT mox-button)
mox_install_units(mox-button mox-button.service)
mox_install_documentation(mox-button mox-button.8)

# mox-rescue looks for lease-hook in its own folder, which is nothing for a user's PATH.
install(TARGETS medkit DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT medkit-tools)
install(TARGETS mox-rescue lease-hook DESTINATION libexec/mox-rescue COMPONENT medkit-tools)
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/installed")
file(CREATE_LINK ../libexec/mox-rescue/mox-rescue "${PROJECT_BINARY_DIR}/installed/mox-rescue" SYMBOLIC)
install(FILES "${PROJECT_BINARY_DIR}/installed/mox-rescue" DESTINATION "${CMAKE_INSTALL_SBINDIR}" COMPONENT medkit-tools)
mox_install_documentation(medkit-tools medkit.1 mox-rescue.8)

# The keys of the Turris project, each in a file that is called by its number.
file(GLOB keys CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/image/keys/*")
install(FILES ${keys} DESTINATION "${configuration}/mox-rescue/keys" COMPONENT mox-rescue-keys)

# Images and page are added by packaging/debian/add-artefacts.
install(TARGETS virtual-mox virtual-mox-panel DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT virtual-mox)
mox_install_documentation(virtual-mox virtual-mox.1 virtual-mox-panel.1)
install(PROGRAMS "${packaging}/mox-rescue-image/mox-nor-update" DESTINATION "${CMAKE_INSTALL_SBINDIR}"
    COMPONENT mox-rescue-image)
mox_install_documentation(mox-rescue-image mox-nor-update.8)
