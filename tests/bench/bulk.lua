-- wrk: large bodies; argument 1: seed
local agent = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"

function init(arguments)
  math.randomseed(tonumber(arguments[1] or "1"))
end

function request()
  local path = string.format("/b/%02d.bin?n=%d", math.random(0, 39), math.random(1, 1e6))
  return wrk.format("GET", path,
    { ["User-Agent"] = agent, Accept = "*/*", Host = "dl.cdn.test" })
end
