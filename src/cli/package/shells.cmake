# Manual pages and completions: made at build time by two small programs over the tables
# that the program itself works with, so that they cannot say anything else.
#
#   src/cli/man/NAME.SECTION.in --manual------> build/man/NAME.SECTION
#                     option table --completion--> build/completion/hopscope.SHELL
#
# A sanitizer's or a fuzzer's build has no use for them.
set(man_dir ${PROJECT_BINARY_DIR}/man)
set(completion_dir ${PROJECT_BINARY_DIR}/completion)
file(MAKE_DIRECTORY ${man_dir} ${completion_dir})

foreach(tool man/manual completion/completion)
    get_filename_component(folder ${tool} DIRECTORY)
    get_filename_component(name ${tool} NAME)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cli/${folder}/*.c)
    add_executable(${name} ${sources})
    set_target_properties(${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tools)
    target_include_directories(${name} PRIVATE src)
    target_link_libraries(${name} PRIVATE cli)
    if(HOPSCOPE_LTO AND CMAKE_C_COMPILER_ID STREQUAL GNU)
        target_link_options(${name} PRIVATE -fno-lto) # runs once: linked in no time
    endif()
endforeach()

# from_tool(FILE TOOL ARGUMENT [DEPENDS]): what TOOL prints, whole or not at all.
function(from_tool file tool argument)
    add_custom_command(OUTPUT ${file} DEPENDS ${tool} ${ARGN} VERBATIM
        COMMAND sh -c "\"$1\" \"$2\" >\"$3.part\" && mv \"$3.part\" \"$3\""
            sh $<TARGET_FILE:${tool}> ${argument} ${file})
    set_property(GLOBAL APPEND PROPERTY shell_files ${file})
endfunction()

find_program(GZIP gzip)
file(GLOB templates CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cli/man/*.in)
foreach(template IN LISTS templates)
    get_filename_component(page ${template} NAME)
    string(REGEX REPLACE "\\.in$" "" page ${page})
    string(REGEX MATCH "[0-9]$" section ${page})
    from_tool(${man_dir}/${page} manual ${template} ${template})
    install(FILES ${man_dir}/${page} COMPONENT manual
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    if(GZIP) # as Debian wants it
        add_custom_command(OUTPUT ${man_dir}/${page}.gz DEPENDS ${man_dir}/${page} VERBATIM
            COMMAND ${GZIP} -9nkf ${man_dir}/${page})
        set_property(GLOBAL APPEND PROPERTY shell_files ${man_dir}/${page}.gz)
        install(FILES ${man_dir}/${page}.gz COMPONENT program EXCLUDE_FROM_ALL
            DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    endif()
endforeach()

# Where each shell looks, and under which name.
set(shells
    "bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions hopscope"
    "zsh ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions _hopscope"
    "fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d hopscope.fish")
foreach(row IN LISTS shells)
    string(REPLACE " " ";" row "${row}")
    list(POP_FRONT row shell folder name)
    from_tool(${completion_dir}/hopscope.${shell} completion ${shell})
    install(FILES ${completion_dir}/hopscope.${shell} COMPONENT program
        DESTINATION ${folder} RENAME ${name})
endforeach()

get_property(shell_files GLOBAL PROPERTY shell_files)
add_custom_target(shells ALL DEPENDS ${shell_files})
