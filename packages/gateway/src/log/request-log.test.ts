import { closeSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RelayReport, Transport } from '@sfpool/core'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { chat, LogCapture, stage } from '../testing/stage.js'
import { AppLog } from './app-log.js'
import { LineBuffer } from './line-buffer.js'
import { logToLines, redactingLogger, requestLog } from './request-log.js'

const canaries = ['canary-client-key', 'canary-admin-key', 'canary-cookie', 'canary-query', 'canary-body']

describe('the request log', () => {
  it('the request log has one line per request with its result', async () => {
    const captured = new LogCapture()
    const { ask, sim, pool } = await stage({ logger: pino(captured) })
    sim.faults.add({ fault: { kind: 'error', name: 'rate-limit-tpm' }, times: 1 })
    const headers = { 'content-type': 'application/json', 'x-request-id': 'trace-7' }
    await (await ask('/v1/chat/completions?secret=canary', { ...chat(), headers })).arrayBuffer()
    await expect.poll(() => captured.lines).toHaveLength(1)
    expect(captured.lines[0]).toMatchObject({
      level: 30,
      msg: 'request',
      requestId: 'trace-7',
      method: 'POST',
      path: '/v1/chat/completions',
      model: 'Qwen/Qwen3-8B',
      status: 200,
      outcome: 'success',
      attempts: 2,
      keys: pool.keys.list().map(({ id }) => id),
      trail: expect.stringMatching(/^\S+ rate-limited 429, \S+ success 200$/),
      durationMs: expect.any(Number),
      promptTokens: expect.any(Number),
      completionTokens: expect.any(Number),
      bytes: expect.any(Number),
    })
  })

  it('the request log has refusals with their code, and health checks only at debug level', async () => {
    const captured = new LogCapture()
    const { ask } = await stage({ logger: pino(captured), clientKeys: ['client-key-one'], maxBody: 10 })
    await ask('/healthz')
    await ask('/readyz')
    await ask('/v1/models')
    const headers = { 'x-api-key': 'client-key-one' }
    await ask('/v1/anything', { method: 'POST', headers, body: 'x'.repeat(11) })
    await ask('/stats', { headers })
    await expect.poll(() => captured.lines).toHaveLength(3)
    expect(captured.lines).toMatchObject([
      { path: '/v1/models', status: 401, outcome: 'rejected', code: 'invalid_client_key' },
      { path: '/v1/anything', status: 413, outcome: 'rejected', code: 'body_too_large' },
      { path: '/stats', status: 200, outcome: 'success' },
    ])
  })

  it('the request log has the code and the reason of a request that this server had no means for', async () => {
    const captured = new LogCapture()
    const cause = Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' })
    const transport: Transport = {
      dispatch: (_request, handler) => {
        handler.onError(cause)
        return { pause() {}, resume() {}, abort() {} }
      },
      close: async () => {},
    }
    const { ask } = await stage({ logger: pino(captured) }, { transport })
    expect((await ask('/v1/chat/completions', chat())).status).toBe(503)
    await expect.poll(() => captured.lines).toHaveLength(1)
    expect(captured.lines[0]).toMatchObject({
      level: 40,
      status: 503,
      outcome: 'rejected',
      code: 'overloaded',
    })
    expect(captured.lines[0]?.reason).toContain('EMFILE')
  })

  it.each([
    ['of the upstream', '/v1/chat/completions'],
    ['of the gateway', '/v1/models/none/of/them/../x'],
  ])('the request log says when the rest of an answer %s is never taken', async (_of, path) => {
    const captured = new LogCapture()
    const alarms: (() => void)[] = []
    let now = 0
    const setTimer = (run: () => void) => void alarms.push(run)
    const runtime = { monotonic: () => now, setTimer }
    const { ask } = await stage({ logger: pino(captured), runtime, sendTimeoutMs: 60_000 })
    await ask(path, { ...chat(), headers: { 'content-type': 'application/json', 'x-request-id': 'slow-7' } })
    await expect.poll(() => captured.lines).toHaveLength(1)
    for (; now <= 120_000; now += 15_000) for (const run of alarms.splice(0)) run()
    await expect.poll(() => captured.lines).toHaveLength(2)
    expect(captured.lines[1]).toMatchObject({
      msg: 'connection closed',
      requestId: 'slow-7',
      code: 'request_aborted',
      reason: expect.stringContaining('took nothing of its answer for 60000 ms'),
    })
  })

  it('the request log warns, with the reason, when the client got 502', async () => {
    const captured = new LogCapture()
    const { ask, sim } = await stage({ logger: pino(captured) })
    sim.faults.add({ fault: { kind: 'reset', at: 'before-headers' } })
    await ask('/v1/models')
    await expect.poll(() => captured.lines).toHaveLength(1)
    expect(captured.lines[0]).toMatchObject({
      level: 40,
      status: 502,
      code: 'upstream_unreachable',
      reason: expect.any(String),
    })
  })

  it('the request log cuts a path that is too long to read', async () => {
    const captured = new LogCapture()
    const { ask } = await stage({ logger: pino(captured) })
    await ask(`/v1/${'x'.repeat(5000)}`)
    await expect.poll(() => captured.lines).toHaveLength(1)
    expect(String(captured.lines[0]?.path).length).toBeLessThan(300)
  })

  it('the request log never holds a secret, whatever happens', async () => {
    const captured = new LogCapture()
    const { ask, sim, keys } = await stage({
      logger: pino({ level: 'trace' }, captured),
      clientKeys: ['canary-client-key'],
      adminKey: 'canary-admin-key',
    })
    const headers = {
      'content-type': 'application/json',
      authorization: 'Bearer canary-client-key',
      cookie: 'session=canary-cookie',
    }
    const ask200 = (path: string) => ask(path, { ...chat({ user: 'canary-body' }), headers })
    sim.faults.add({ fault: { kind: 'error', name: 'token-invalid' }, times: 1 })
    sim.faults.add({ fault: { kind: 'reset', at: 'mid-body' }, times: 1, skip: 1 })
    for (let round = 0; round < 4; round++)
      await ask200('/v1/chat/completions?key=canary-query').catch(() => {})
    await ask('/v1/models', { headers: { authorization: 'Bearer canary-admin-key-but-wrong' } })
    await ask('/v1/models', { headers: { 'x-api-key': 'wrong-canary-client-key' } })
    for (const path of ['/stats', '/balance?refresh=true', '/admin/api/keys', '/reload-keys']) {
      await ask(path, { headers: { 'x-api-key': 'canary-admin-key' } })
    }
    await expect.poll(() => captured.lines).toHaveLength(10)
    for (const secret of [...canaries, ...keys]) expect(captured.text).not.toContain(secret)
  })
})

it('the request log says how long a request waited for a key', async () => {
  const captured = new LogCapture()
  const options = { strategy: 'sequential', limits: { concurrency: { pool: 1 } } } as const
  const { ask, sim } = await stage({ logger: pino(captured) }, options)
  sim.settings.update({ firstByteMs: 20 })
  await Promise.all([1, 2].map(async () => (await ask('/v1/chat/completions', chat())).arrayBuffer()))
  await expect.poll(() => captured.lines).toHaveLength(2)
  expect(captured.lines[0]).not.toHaveProperty('waitedMs')
  expect(captured.lines[1]?.waitedMs).toBeGreaterThan(0)
})

describe("the gateway's own logger", () => {
  it('redactingLogger replaces headers that carry secrets, wherever a line holds them', () => {
    const captured = new LogCapture()
    const secrets = {
      authorization: 'Bearer canary',
      'x-api-key': 'canary',
      cookie: 'session=canary',
      'set-cookie': ['canary'],
      'proxy-authorization': 'Basic canary',
    }
    const logger = redactingLogger('info', captured)
    logger.info({ ...secrets, kept: 1 }, 'at the top')
    logger.info({ headers: { ...secrets, host: 'kept' } }, 'in headers')
    logger.info({ req: { method: 'GET', headers: secrets } }, 'in a request')
    expect(captured.text).not.toContain('canary')
    expect(captured.lines).toMatchObject([
      { kept: 1, cookie: '[redacted]' },
      { headers: { host: 'kept', authorization: '[redacted]' } },
      { req: { headers: { 'x-api-key': '[redacted]' } } },
    ])
  })
})

describe('a line that is written without pino', () => {
  const request = {
    requestId: 'trace-7',
    method: 'POST',
    path: '/v1/chat "quoted" 北京?query=1',
    durationMs: 12,
  }
  const attempt = { account: 'acme', outcome: 'success', status: 200, durationMs: 5 } as const
  const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 7, cachedTokens: 0, reasoningTokens: 0 }
  const report: RelayReport = {
    requestId: 'trace-7',
    status: 200,
    model: 'org/a "model" 🌤️',
    askedModel: 'org/a "model" 🌤️',
    client: null,
    outcome: 'success',
    attempts: [
      { key: 'key_1', ...attempt },
      { key: 'key_2', ...attempt },
    ],
    usage,
    cost: null,
    firstOutputMs: 5,
    bytes: 400,
    durationMs: 12,
    waitedMs: 0,
    error: null,
  }

  it.each<[string, Partial<RelayReport>]>([
    ['a chat', {}],
    ['a request that names no model', { model: '', askedModel: '' }],
    ['a model that a fallback replaced', { askedModel: 'gpt-"4"' }],
    ['an answer without usage', { usage: null }],
    ['a mistake of the caller', { status: 400, outcome: 'rejected', usage: null }],
    ['a client with a key of its own', { client: 'client_"1"' }],
    ['one attempt', { attempts: [{ key: 'key_1', ...attempt }] }],
    [
      'an attempt without an answer',
      {
        attempts: [
          { key: 'key_1', account: 'acme', outcome: 'network-error', status: null, durationMs: 1 },
          { key: 'key_2', ...attempt },
        ],
      },
    ],
    ['a request that waited for a key', { waitedMs: 7 }],
    ['an upstream that failed', { status: 503, outcome: 'upstream-error', usage: null }],
  ])('a line that is written without pino equals the line of pino: %s', async (_what, part) => {
    const captured = new LogCapture()
    requestLog(pino({ base: null }, captured), () => 0).relayed(request, { ...report, ...part })
    const file = join(mkdtempSync(join(tmpdir(), 'sfpool-log-')), 'log')
    const fd = openSync(file, 'w')
    const log = logToLines(new AppLog({ output: new LineBuffer(fd, () => 0) }), () => 0)
    log.relayed(request, { ...report, ...part })
    await log.close()
    closeSync(fd)
    const written = JSON.parse(readFileSync(file, 'utf8'))
    expect({ ...written, time: 0 }).toEqual({ ...captured.lines[0], time: 0 })
    expect(Object.keys(written)).toEqual(Object.keys(captured.lines[0] ?? {}))
  })
})
