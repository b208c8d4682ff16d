-- Asks for another filtered list at every call, with this query besides: `wrk -s list-load.lua URL -- QUERY`. The last condition is
-- true of every image.
local query = ""
-- Of one run none may come again in the next, a second later or more.
local count = os.time() % 1000000 * 1000000

function init(arguments)
  query = arguments[1]
end

function request()
  count = count + 1
  local path = string.format("%s?name=vmx%d&%s&filter=id,lt,%d", wrk.path, 10 + count % 40, query, 1000000 + count)
  return wrk.format("GET", path)
end
