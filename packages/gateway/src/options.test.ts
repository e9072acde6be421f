import { ConfigError } from '@sfpool/core'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { checkOptions, type GatewayOptions } from './options.js'

it('checkOptions accepts what the documentation shows, frozen options, and undefined for "not set"', () => {
  const options: GatewayOptions = {
    clientKeys: ['client-one'],
    adminKey: 'the-admin',
    maxBody: 1,
    sendTimeoutMs: 0,
    bodyTimeoutMs: 2_147_483_647,
    bodyMinRate: 0,
    logger: pino({ level: 'silent' }),
    basePath: '/llm/',
    cors: ['https://app.example', 'app://desktop'],
    trace: true,
    name: 'ours',
    version: '1.0.0',
    reloadKeys: () => 1,
    runtime: {},
  }
  expect(() => checkOptions(Object.freeze(options))).not.toThrow()
  expect(() => checkOptions({})).not.toThrow()
  expect(() => checkOptions({ clientKeys: undefined, adminKey: undefined, logger: false })).not.toThrow()
})

describe('wrong options', () => {
  it.each([
    [{ clientKeys: [''] }, 'clientKeys.0'],
    [{ clientKeys: [undefined] }, 'clientKeys.0'],
    [{ clientKeys: ['has space'] }, 'clientKeys.0'],
    [{ clientKeys: 'one' }, 'clientKeys'],
    [{ adminKey: '' }, 'adminKey'],
    [{ adminKey: 'same', clientKeys: ['same'] }, 'adminKey'],
    [{ maxBody: 0 }, 'maxBody'],
    [{ maxBody: 1.5 }, 'maxBody'],
    [{ maxBody: '1mb' }, 'maxBody'],
    [{ sendTimeoutMs: -1 }, 'sendTimeoutMs'],
    [{ sendTimeoutMs: '60s' }, 'sendTimeoutMs'],
    [{ bodyTimeoutMs: 1.5 }, 'bodyTimeoutMs'],
    [{ bodyMinRate: -1 }, 'bodyMinRate'],
    [{ bodyMinRate: 0.5 }, 'bodyMinRate'],
    [{ bodyTimeoutMs: 2 ** 31 }, 'bodyTimeoutMs'],
    [{ logger: 'loud' }, 'logger'],
    [{ logger: true }, 'logger'],
    [{ basePath: 'llm' }, 'basePath'],
    [{ basePath: '/llm?x' }, 'basePath'],
    [{ cors: ['app.example/'] }, 'cors'],
    [{ trace: 'yes' }, 'trace'],
    [{ reloadKeys: 'now' }, 'reloadKeys'],
    [{ clientKey: 'one' }, 'clientKey'],
  ])('checkOptions refuses %o and names %s', (options, option) => {
    const error = caught(() => checkOptions(options as GatewayOptions))
    expect(error).toBeInstanceOf(ConfigError)
    expect((error as ConfigError).option).toBe(option)
    expect((error as ConfigError).message).toContain(option)
  })

  it('an error of checkOptions never holds a key', () => {
    const error = caught(() => checkOptions({ clientKeys: ['canary with space'] }))
    expect(String(error)).not.toContain('canary')
  })
})

function caught(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
