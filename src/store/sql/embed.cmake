# cmake -D FOLDER=src/store/sql -D OUT=file.c -P embed.cmake: the questions as C.
# Bytes, because a string literal of that length is more than C promises to take.
cmake_minimum_required(VERSION 3.25)
set(questions trust idle-race idle-timeouts reuse pipelining time expect upgrades
    optimistic framing concurrency ports connects stalls aborted slow-clients warm-up
    handshake-tax close-causes hosts)

file(GLOB files RELATIVE ${FOLDER} ${FOLDER}/*.sql)
foreach(file IN LISTS files)
    string(REGEX REPLACE "\\.sql$" "" name ${file})
    if(NOT name IN_LIST questions)
        message(FATAL_ERROR "${file} has no place among the questions of embed.cmake")
    endif()
endforeach()

set(arrays "")
set(rows "")
foreach(name IN LISTS questions)
    file(READ ${FOLDER}/${name}.sql bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n    " bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(REPLACE - _ symbol ${name})
    string(APPEND arrays "static const uint8_t ${symbol}_sql[] = {\n    ${bytes}};\n")
    string(APPEND rows "    {\"${name}\", {${symbol}_sql, sizeof ${symbol}_sql}},\n")
endforeach()
list(LENGTH questions count)
file(WRITE ${OUT} "/* Made from src/store/sql by embed.cmake. */
#include \"store/question_texts.h\"

${arrays}
const struct question_text question_texts[] = {\n${rows}};
const size_t question_text_count = ${count};\n")
