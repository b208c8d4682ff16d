-- For wrk: sends the requests of a file one after the other, again from the first behind the last.
-- Usage: wrk ... -s propfind-load.lua URL -- FILE   (complete HTTP requests, a NUL behind each)
local requests = {}
local last = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for request in file:read("*a"):gmatch("([^%z]+)%z") do
    requests[#requests + 1] = request
  end
  file:close()
end

function request()
  last = last % #requests + 1
  return requests[last]
end
