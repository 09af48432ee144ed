-- Sends one body over and over: `wrk ... -s post.lua URL -- BODY [HEADER VALUE]...`.
-- The last line of the output is a JSON object.

function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.body = file:read("*a")
  file:close()
  for i = 2, #args, 2 do
    wrk.headers[args[i]] = args[i + 1]
  end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '{"requests_per_second": %f, "p50_ms": %f, "p99_ms": %f, "errors": %d}\n',
    summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    e.connect + e.read + e.write + e.status + e.timeout
  ))
end
