-- wrk sends four requests at once and waits 150 ms before the next four.
-- usage: wrk -s pipeline.lua URL -- PATH PATH PATH PATH
local batch

function init(paths)
  local requests = {}
  for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end
  batch = table.concat(requests)
end

function request() return batch end

function delay() return 150 end
