-- Asks for the list of so many users in turn, by so many clients each, with the tokens of a file.
-- Usage: wrk -s many-users.lua URL -- FILE USERS CLIENTS CODING
local requests = {}
local at = 0

init = function(args)
  local users, clients, coding = tonumber(args[2]), tonumber(args[3]), args[4]
  local tokens = {}
  for token in io.lines(args[1]) do
    tokens[#tokens + 1] = token
    if #tokens == users then break end
  end
  for client = 1, clients do
    for _, token in ipairs(tokens) do
      requests[#requests + 1] = wrk.format("GET", nil, {
        ["Authorization"] = "Bearer " .. token,
        ["Accept-Encoding"] = coding,
        ["User-Agent"] = "client/" .. client,
      })
    end
  end
end

request = function()
  at = at % #requests + 1
  return requests[at]
end
