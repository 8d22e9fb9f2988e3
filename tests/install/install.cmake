# cmake -D BUILD=dir -D GENERATOR=name -D CC=compiler -D PROGRAM=path -P install.cmake:
# installs BUILD to an empty prefix, moves that prefix, and builds consumer.c against what
# lies there, once by pkg-config and once by the CMake package.
cmake_minimum_required(VERSION 3.25)
set(here ${CMAKE_CURRENT_LIST_DIR})
set(place ${CMAKE_CURRENT_BINARY_DIR})

function(run)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE failed
        OUTPUT_VARIABLE out ERROR_VARIABLE out)
    if(failed)
        list(JOIN ARGV " " command)
        message(FATAL_ERROR "failed: ${command}\n${out}")
    endif()
    string(STRIP "${out}" out)
    set(out "${out}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${place}/first ${place}/prefix ${place}/build)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${place}/first)
file(RENAME ${place}/first ${place}/prefix)

file(GLOB_RECURSE pc ${place}/prefix/hopscope.pc)
get_filename_component(pc ${pc} DIRECTORY)
set(ENV{PKG_CONFIG_PATH} ${pc})
run(pkg-config --cflags --libs hopscope)
separate_arguments(flags UNIX_COMMAND "${out}")
run(${CC} ${here}/consumer.c -o ${place}/consumer ${flags})
run(${place}/consumer)
message("by pkg-config: ${out}")

# Every public header stands by itself.
file(GLOB headers RELATIVE ${place}/prefix/include ${place}/prefix/include/hopscope/*.h)
foreach(header IN LISTS headers)
    file(WRITE ${place}/header.c "#include <${header}>\n#include <${header}>\n")
    run(${CC} -std=c17 -pedantic -Wall -Werror -fsyntax-only -I${place}/prefix/include
        ${place}/header.c)
endforeach()
list(LENGTH headers count)
message("${count} public headers stand by themselves")

run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${here} -B ${place}/build -D CMAKE_C_COMPILER=${CC}
    -D CMAKE_PREFIX_PATH=${place}/prefix)
run(${CMAKE_COMMAND} --build ${place}/build)
run(${place}/build/consumer)
message("by the CMake package: ${out}")

if(PROGRAM)
    run(${place}/prefix/bin/hopscope --version)
    message("program: ${out}")
endif()
