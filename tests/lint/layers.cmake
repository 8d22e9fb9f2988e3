# cmake -D ROOT=tree -P layers.cmake: who includes whom, by the table below.
# A file of src/<layer> may include the public headers of the layers named in its row and
# the private headers of its own folder, as "<layer>/file.h". File stems are unique, and
# no headers include each other in a circle. Prints what was found as a drawing.
cmake_minimum_required(VERSION 3.25)

# layer: public headers it may see. A row names only rows above it: one direction.
set(table
    "base:"
    "capture: base"
    "net: base capture"
    "stream: base"
    "tcp: base capture net stream"
    "http: base stream"
    "websocket: base stream"
    "tls: base stream"
    "record: base stream"
    "exchange: base stream http websocket tls record"
    "engine: base capture net stream tcp http websocket tls record exchange"
    "store: base record"
    "export: base record"
    "ui: base record"
    "sandbox: base"
    "cli: base capture net stream tcp http record exchange engine store export ui sandbox")
# Public headers that are not named after their layer.
set(home_of_finding base)
set(home_of_stopwatch base)
set(home_of_field record)
set(home_of_rows record)
set(home_of_live_capture capture)
set(home_of_engine_live engine)
set(home_of_live_store store)
# Headers of libraries: the only layers that may see them; no public header may.
set(libraries "pcap.*: capture" "z(lib|conf).h: capture" "zstd.*: capture"
    "lz4.*: capture" "sqlite3.*: store" "(ncurses|curses|ncursesw/.*|panel|term).h: ui" "seccomp.h: sandbox"
    "pthread.h: engine store" "threads.h: engine store")

file(REAL_PATH ${ROOT} ROOT)
set(faults 0)
function(fault where what)
    message("${where}: ${what}")
    math(EXPR faults "${faults} + 1")
    set(faults ${faults} PARENT_SCOPE)
endfunction()

foreach(row IN LISTS table)
    string(REGEX MATCHALL "[a-z]+" words "${row}")
    list(POP_FRONT words layer)
    foreach(seen IN LISTS words)
        if(NOT seen IN_LIST layers)
            fault("table" "${layer} may not see ${seen}, which does not stand above it")
        endif()
    endforeach()
    list(APPEND layers ${layer})
    set(sees_${layer} ${words})
endforeach()

# One include line of `file`, which belongs to `layer`.
function(check_include file layer is_public target)
    if(target MATCHES "^hopscope/([a-z_]+)\\.h$")
        set(other ${CMAKE_MATCH_1})
        if(DEFINED home_of_${other})
            set(other ${home_of_${other}})
        endif()
        set_property(GLOBAL APPEND PROPERTY used_${layer} ${other})
        if(NOT EXISTS ${ROOT}/include/${target})
            fault(${file} "includes ${target}, which is not there")
        elseif(NOT other STREQUAL layer AND NOT other IN_LIST sees_${layer})
            fault(${file} "${layer} may not see ${other} (${target})")
        endif()
    elseif(EXISTS ${ROOT}/src/${target})
        if(is_public)
            fault(${file} "a public header includes the private ${target}")
        elseif(NOT target MATCHES "^${layer}/")
            fault(${file} "${layer} includes the private ${target} of another layer")
        endif()
    elseif(quoted)
        fault(${file} "includes \"${target}\": neither hopscope/... nor ${layer}/...")
    endif()
    foreach(row IN LISTS libraries)
        string(REGEX MATCH "^(.*): (.*)$" row "${row}")
        string(REPLACE " " ";" users "${CMAKE_MATCH_2}")
        if(target MATCHES "^${CMAKE_MATCH_1}$" AND (is_public OR NOT layer IN_LIST users))
            fault(${file} "includes <${target}>, which is for the .c files of ${users}")
        endif()
    endforeach()
    set(faults ${faults} PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/src/*.[ch] ${ROOT}/include/hopscope/*.h)
foreach(file IN LISTS files)
    string(REGEX MATCH "^(src|include)/([a-z_]+)" _ ${file})
    set(layer ${CMAKE_MATCH_2})
    get_filename_component(stem ${file} NAME_WE)
    set(is_public FALSE)
    if(file MATCHES "^include/")
        set(is_public TRUE)
        set(layer ${stem})
        if(DEFINED home_of_${stem})
            set(layer ${home_of_${stem}})
        endif()
    elseif(DEFINED folder_of_${stem} AND NOT folder_of_${stem} STREQUAL layer)
        fault(${file} "the stem ${stem} is taken by src/${folder_of_${stem}}")
    else()
        set(folder_of_${stem} ${layer})
    endif()
    if(NOT layer IN_LIST layers)
        fault(${file} "${layer} is no layer of the table")
        continue()
    endif()
    file(STRINGS ${ROOT}/${file} lines REGEX "^[ \t]*#[ \t]*include")
    foreach(line IN LISTS lines)
        if(NOT line MATCHES "include[ \t]*([<\"])([^>\"]+)[>\"]")
            fault(${file} "an include without a plain name: ${line}")
            continue()
        endif()
        set(target ${CMAKE_MATCH_2})
        string(COMPARE EQUAL "${CMAKE_MATCH_1}" "\"" quoted)
        check_include(${file} ${layer} ${is_public} ${target})
        list(APPEND includes_${file} include/${target} src/${target})
    endforeach()
    if(file MATCHES "\\.h$")
        list(APPEND open_headers ${file})
    endif()
endforeach()

# Headers that include no header still open are closed, until none is left or none closes.
set(closed_some TRUE)
while(closed_some)
    set(closed_some FALSE)
    foreach(header IN LISTS open_headers)
        set(waits_for ${includes_${header}})
        list(FILTER waits_for INCLUDE REGEX "\\.h$")
        set(is_open FALSE)
        foreach(target IN LISTS waits_for)
            if(target IN_LIST open_headers)
                set(is_open TRUE)
            endif()
        endforeach()
        if(NOT is_open)
            list(REMOVE_ITEM open_headers ${header})
            set(closed_some TRUE)
        endif()
    endforeach()
endwhile()
if(open_headers)
    fault("${open_headers}" "these include each other in a circle, or wait for one")
endif()

set(drawing "Layers, lowest first. A row includes: # these   . may, but does not\n\n")
foreach(layer IN LISTS layers)
    string(LENGTH ${layer} length)
    math(EXPR pad "10 - ${length}")
    string(REPEAT " " ${pad} pad)
    string(APPEND drawing "  ${layer}${pad}")
    get_property(used GLOBAL PROPERTY used_${layer})
    foreach(other IN LISTS layers)
        if(other STREQUAL layer)
            break()
        elseif(other IN_LIST used)
            string(APPEND drawing " #")
        elseif(other IN_LIST sees_${layer})
            string(APPEND drawing " .")
        else()
            string(APPEND drawing "  ")
        endif()
    endforeach()
    string(APPEND drawing " ${layer}\n")
endforeach()
list(LENGTH files count)
message("${drawing}\n${count} files, ${faults} faults")
if(faults)
    message(FATAL_ERROR "the layers are not kept")
endif()
