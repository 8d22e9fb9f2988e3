-- wrk: small requests as browsers and programs send them.
-- argument 1: seed; argument 2: pipelining depth (1: none)
local hosts = {
  "www.shop.test", "shop.test", "api.shop.test", "img.cdn.test", "static.cdn.test",
  "news.example.test", "forum.example.test", "mail.corp.test", "intra.corp.test",
  "maps.geo.test", "tiles.geo.test", "ads.track.test",
}
local webkit = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 "
local agents = {
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " .. webkit .. "Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 " ..
    "(KHTML, like Gecko) Version/17.4 Safari/605.1.15",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 " ..
    "(KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 14; Pixel 8) " .. webkit .. "Mobile Safari/537.36",
  "curl/8.5.0", "python-requests/2.31.0", "okhttp/4.12.0", "Go-http-client/1.1",
}
local extensions = { "html", "js", "css", "json", "png" }
local languages = {
  "en-US,en;q=0.9", "de-DE,de;q=0.8,en;q=0.5", "fr;q=0.9,en;q=0.7", "ja,en-US;q=0.7",
}
local accepts = {
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "*/*", "image/avif,image/webp,image/png,image/svg+xml,*/*;q=0.8",
  "application/json, text/plain, */*",
}
local REQUESTS = 4096 -- made at the start; as many texts, whatever the depth
local requests, depth = {}, 1

local function one_of(list) return list[math.random(#list)] end
local function in_one_of(n) return math.random(n) == 1 end

local function hex(digits)
  local text = {}
  for i = 1, digits do text[i] = string.format("%x", math.random(0, 15)) end
  return table.concat(text)
end

-- method, path, body or nil
local function what()
  local dice = math.random(100)
  if dice <= 62 then
    local i = math.random(0, 999)
    local path = string.format("/s/%03d.%s", i, extensions[i % 5 + 1])
    if in_one_of(3) then
      path = path .. "?v=" .. hex(8) .. "&utm_source=newsletter&page=" .. math.random(500)
    end
    return "GET", path
  elseif dice <= 82 then
    return "GET", "/api/v2/items/" .. math.random(99999) .. "?q=" ..
      hex(math.random(4, 40)) .. "&sort=asc"
  elseif dice <= 92 then
    return "POST", "/api/v2/cart/" .. math.random(9999), '{"user":"' .. hex(16) ..
      '","qty":' .. math.random(9) .. ',"note":"' .. hex(math.random(10, 300)) .. '"}'
  elseif dice <= 97 then
    return "GET", "/missing/" .. hex(math.random(6, 60)) .. ".html"
  end
  return "GET", "/go/" .. hex(6)
end

local function cookie()
  return "Cookie: sid=" .. hex(32) .. "; theme=dark; _ga=GA1.2." .. math.random(1e8) ..
    "." .. math.random(1e9)
end

local function request_text()
  local method, path, body = what()
  local host = one_of(hosts)
  local lines = {
    method .. " " .. path .. " HTTP/1.1",
    "Host: " .. host,
    "User-Agent: " .. one_of(agents),
    "Accept: " .. one_of(accepts),
    "Accept-Language: " .. one_of(languages),
    "Connection: keep-alive",
  }
  local function add(line) lines[#lines + 1] = line end
  if in_one_of(2) then add("Accept-Encoding: gzip, deflate") end
  if in_one_of(2) then
    add("Referer: http://" .. host .. "/s/" .. math.random(100, 999) .. ".html")
  end
  if in_one_of(2) then add(cookie()) end
  if in_one_of(5) then add("If-Modified-Since: Sat, 01 Jan 2028 00:00:00 GMT") end
  if in_one_of(6) then add("X-Forwarded-For: 203.0.113." .. math.random(254)) end
  if body then
    add("Content-Type: application/json")
    add("Content-Length: " .. #body)
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

function init(arguments)
  math.randomseed(tonumber(arguments[1] or "1"))
  depth = tonumber(arguments[2] or "1")
  for i = 1, REQUESTS / depth do
    local texts = {}
    for j = 1, depth do texts[j] = request_text() end
    requests[i] = table.concat(texts)
  end
end

function request() return requests[math.random(#requests)] end
