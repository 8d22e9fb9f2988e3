# `cpack` makes two Debian packages: the program with all that belongs to it, and the
# library for those who build on it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME hopscope)
set(CPACK_PACKAGE_VENDOR hopscope)
set(HOPSCOPE_MAINTAINER "hopscope maintainers <hopscope@localhost>" CACHE STRING
    "Who answers for the Debian packages, as in \"Name <address>\"")
set(CPACK_PACKAGE_CONTACT ${HOPSCOPE_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "account of every HTTP connection in a packet capture")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program development)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
    GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME hopscope)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS libcap2-bin)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
"reads packet captures and live interfaces, puts the TCP streams together,
parses HTTP/1 in both directions, and accounts for every HTTP connection: which
requests met which responses, how often each connection was reused, what waited
behind what, who ended it and why. The account is a page for a person and an
SQLite database for the questions that come after.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libhopscope-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libpcap-dev, libsqlite3-dev, zlib1g-dev, libzstd-dev, liblz4-dev, liblzma-dev"
    "libncurses-dev")
list(JOIN CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS ", "
    CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS)
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
"the static library, its headers, and how pkg-config and CMake find them.")

set(control ${PROJECT_BINARY_DIR}/package)
foreach(script postinst prerm postrm)
    configure_file(${CMAKE_CURRENT_LIST_DIR}/${script} ${control}/${script} COPYONLY)
endforeach()
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA
    "${control}/postinst;${control}/prerm;${control}/postrm")

# What Debian wants to find in /usr/share/doc, in either package.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH, if set
file(CONFIGURE OUTPUT ${control}/changelog.Debian @ONLY CONTENT
"hopscope (@PROJECT_VERSION@-1) stable; urgency=medium

  * This version.

 -- @CPACK_PACKAGE_CONTACT@  @date@
")
if(GZIP)
    execute_process(COMMAND ${GZIP} -9nkf ${control}/changelog.Debian)
endif()
foreach(row "program hopscope" "development libhopscope-dev")
    string(REPLACE " " ";" row "${row}")
    list(POP_FRONT row component name)
    set(doc ${CMAKE_INSTALL_DATADIR}/doc/${name})
    # For packages only: an installation by hand has LICENSE in its own place.
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${doc} RENAME copyright
        COMPONENT ${component} EXCLUDE_FROM_ALL)
    if(GZIP)
        install(FILES ${control}/changelog.Debian.gz DESTINATION ${doc}
            COMPONENT ${component} EXCLUDE_FROM_ALL)
    endif()
endforeach()

include(CPack)
