-- Called as: wrk … -s wrk.lua URL -- BODY "name: value" …
-- There is no request function on purpose: wrk then formats the request once and reuses its bytes.
function init(args)
  wrk.method, wrk.body = "POST", args[1]
  wrk.headers["content-type"] = "application/json"
  for i = 2, #args do
    local name, value = args[i]:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
end

function done(summary)
  local e = summary.errors
  io.write(string.format("%d %d %d\n", summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout))
end
