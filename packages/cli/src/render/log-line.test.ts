import picocolors from 'picocolors'
import stringWidth from 'string-width'
import { describe, expect, it } from 'vitest'
import { logLine } from './log-line.js'

const plain = picocolors.createColors(false)
const request = {
  level: 30,
  time: new Date(2026, 9, 5, 9, 3, 7).getTime(),
  requestId: 'r1',
  method: 'POST',
  path: '/v1/chat/completions',
  model: 'Qwen/Qwen3-8B',
  status: 200,
  outcome: 'success',
  attempts: 1,
  keys: ['key_1'],
  durationMs: 1_240,
  promptTokens: 12,
  completionTokens: 345,
  client: 'client_0123456789abcdef',
  bytes: 100,
  msg: 'request',
}
const masks: Readonly<Record<string, string>> = { key_1: 'sk-ab…wxyz', key_2: 'sk-cd…1234' }
const line = (changes: object = {}, columns?: number, paint = plain): string =>
  logLine(JSON.stringify({ ...request, ...changes }), { paint, columns, maskOf: (id) => masks[id] })

describe('a line of the log in a terminal', () => {
  it('a request is shown by time, status, model, masked key, duration, tokens and client', () => {
    expect(line()).toBe(
      '09:03:07  200  Qwen/Qwen3-8B               sk-ab…wxyz      1.2s  12→345       client_0123456789abcdef',
    )
  })

  it('a request with several attempts shows their number and the last key', () => {
    expect(line({ attempts: 3, keys: ['key_1', 'key_1', 'key_2'] })).toMatch(/sk-cd…1234 .* 3 attempts/)
  })

  it('a request that names no model shows its method and path', () => {
    expect(line({ model: null, method: 'GET', path: '/v1/models' })).toContain('GET /v1/models')
  })

  it('a model that stood in is shown behind the model that was asked for', () => {
    expect(line({ askedModel: 'gpt-4o' })).toContain('gpt-4o → Qwen/Qwen3-8B')
  })

  it('a failed request shows its code and why', () => {
    const shown = line({ status: 503, code: 'all_keys_cooling', reason: 'Try again in 5 s' })
    expect(shown).toMatch(/503 .*all_keys_cooling .*Try again in 5 s$/)
  })

  it('a key that is gone is shown by its id', () => {
    expect(line({ keys: ['key_gone'] })).toContain('key_gone')
  })

  it.each([20, 40, 60, 80, 120, 200])('no line is wider than a terminal of %d columns', (columns) => {
    for (const changes of [
      {},
      { model: '模型'.repeat(40) },
      { attempts: 9, code: 'upstream_unreachable', reason: 'x'.repeat(300) },
      { msg: 'A request could not be served', err: { message: 'y'.repeat(300) } },
    ]) {
      const shown = line(changes, columns)
      expect(stringWidth(shown)).toBeLessThanOrEqual(columns)
      expect(shown).not.toBe('')
    }
  })

  it('80 columns hold status, model, key, duration and tokens', () => {
    expect(line({}, 80)).toMatch(/200 .*Qwen\/Qwen3-8B .*sk-ab…wxyz .*1\.2s .*12→345/)
  })

  it('what others wrote can neither colour nor move the terminal', () => {
    const evil = '\u001b[2J\u009b31m\u202e\r\nX'
    const shown = line({ model: evil, code: evil, client: evil, reason: evil, path: evil })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/)
  })

  it('statuses have colours where colours are wanted', () => {
    const paint = picocolors.createColors(true)
    expect(line({}, undefined, paint)).toContain(paint.green('200'))
    expect(line({ status: 429 }, undefined, paint)).toContain(paint.yellow('429'))
    expect(line({ status: 503 }, undefined, paint)).toContain(paint.red('503'))
  })

  it('an error of the server is shown with its message', () => {
    const shown = line({ level: 50, msg: 'A route failed', err: { type: 'Error', message: 'no such table' } })
    expect(shown).toMatch(/^09:03:07 {2}error {2}A route failed .*no such table/)
  })

  it('a line that is no JSON is shown as it is', () => {
    expect(logLine('oops\n', { paint: plain, columns: 80, maskOf: () => undefined })).toBe('oops')
  })
})
