import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { requestBody } from '../fixtures/chat.mjs'
import { listening } from '../fixtures/listening.js'
import { hasTool } from './tools.mjs'
import { readReport, runWrk } from './wrk.mjs'

test('readReport reads only the last line of the output', () => {
  const output = 'Running 1s test\n  4321 requests in 1.00s\nRequests/sec: 4321\n4321 1000123 2\n'
  expect(readReport(output)).toEqual({ requests: 4321, durationUs: 1_000_123, failed: 2 })
})

test('readReport shows the output when there is no report', () => {
  expect(() => readReport('unable to connect')).toThrow('wrk did not report: unable to connect')
})

test.runIf(hasTool('wrk') && hasTool('taskset'))(
  'runWrk sends the request with the given headers and counts failures',
  async () => {
    const seen = new Set<string>()
    const server = await listening(
      createServer((request, response) => {
        request.on('data', (body) => {
          const { 'content-type': type, authorization, 'x-name': name } = request.headers
          seen.add([request.method, request.url, type, authorization, name, body].join(' '))
        })
        request.on('end', () => response.writeHead(503).end())
      }),
    )
    const headers = { authorization: 'Bearer fake', 'x-name': 'a: b' }
    const report = await runWrk({ url: `${server.origin}/v1/chat`, headers, seconds: 1, connections: 2 })
    await server.close()
    expect([...seen]).toEqual([`POST /v1/chat application/json Bearer fake a: b ${requestBody}`])
    expect(report.requests).toBeGreaterThan(0)
    expect(report.failed).toBeGreaterThanOrEqual(report.requests)
  },
)
