# cmake -D FOLDER=src/export/html -D OUT=file.c -P embed.cmake: the page's style, script and
# queries as C, and the hashes by which its Content-Security-Policy lets the first two in.
# Bytes, because a string literal of that length is more than C promises to take.
cmake_minimum_required(VERSION 3.25)
set(scripts base.js chart.js tables.js lanes.js waterfall.js detail.js page.js)
set(queries totals verdicts captures connections exchanges findings waits reuse-spread
    concurrency-time closes idle)

# Each hexadecimal digit is four bits: three of them make two characters of base64.
function(base64_of_hex hex out)
    string(SUBSTRING ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/ 0 64 signs)
    string(APPEND hex 00) # 32 bytes are two short of a multiple of three digits
    set(text "")
    foreach(at RANGE 0 63 3)
        string(SUBSTRING ${hex} ${at} 3 part)
        math(EXPR high "(0x${part} >> 6) & 63")
        math(EXPR low "0x${part} & 63")
        string(SUBSTRING ${signs} ${high} 1 first)
        string(SUBSTRING ${signs} ${low} 1 second)
        string(APPEND text ${first}${second})
    endforeach()
    string(SUBSTRING ${text} 0 43 text)
    set(${out} "${text}=" PARENT_SCOPE)
endfunction()

function(array_of_file file symbol out)
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "(................................)" "\\1\n    " bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    set(${out} "static const uint8_t ${symbol}[] = {\n    ${bytes}0x00};\n" PARENT_SCOPE)
endfunction()

set(script ${OUT}.js)
file(WRITE ${script} "(() => {\n'use strict';\n")
foreach(name IN LISTS scripts)
    file(READ ${FOLDER}/${name} text)
    file(APPEND ${script} "${text}")
endforeach()
file(APPEND ${script} "})();\n")
file(SHA256 ${script} script_hash)
file(SHA256 ${FOLDER}/report.css style_hash)
base64_of_hex(${script_hash} script_hash)
base64_of_hex(${style_hash} style_hash)

array_of_file(${script} script_text arrays)
array_of_file(${FOLDER}/report.css style_text more)
string(APPEND arrays "${more}")
set(rows "")
foreach(name IN LISTS queries)
    string(REPLACE - _ symbol ${name}_sql)
    array_of_file(${FOLDER}/${name}.sql ${symbol} more)
    string(APPEND arrays "${more}")
    string(APPEND rows "    {\"${name}\", {${symbol}, sizeof ${symbol} - 1}},\n")
endforeach()
list(LENGTH queries count)
file(WRITE ${OUT} "/* Made from src/export/html by embed.cmake. */
#include \"export/report_assets.h\"

${arrays}
const struct bytes report_asset_script = {script_text, sizeof script_text - 1};
const struct bytes report_asset_style = {style_text, sizeof style_text - 1};
const char report_asset_script_hash[] = \"sha256-${script_hash}\";
const char report_asset_style_hash[] = \"sha256-${style_hash}\";
const struct report_query report_queries[] = {\n${rows}};
const size_t report_query_count = ${count};\n")
