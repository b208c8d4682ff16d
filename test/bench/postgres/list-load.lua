-- Asks for another first page of a filtered list at every call. The second condition is true of every image.
local prefix = wrk.path
-- Of one run none may come again in the next, a second later or more.
local count = os.time() % 1000000 * 1000000

request = function()
  count = count + 1
  local path = string.format("%s?name=vmx%d&page%%5Bsize%%5D=50&filter=id,lt,%d", prefix, 10 + count % 40, 1000000 + count)
  return wrk.format("GET", path)
end
