import { ConfigError } from '@sfpool/core'
import { describe, expect, it } from 'vitest'
import { assertSafeBinding } from './binding.js'

describe('assertSafeBinding without a client key', () => {
  it.each(['127.0.0.1', '127.8.9.10', 'localhost', '::1', '[::1]', '::ffff:127.0.0.1'])(
    'a host of this machine needs no client key: %s',
    (host) => {
      expect(() => assertSafeBinding(host, {})).not.toThrow()
      expect(() => assertSafeBinding(host, { clientKeys: [] })).not.toThrow()
    },
  )

  it.each([
    '0.0.0.0',
    '::',
    '',
    '*',
    '10.0.0.5',
    'example.org',
    '127.0.0.1.example.org',
    'localhost.example.org',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    '::ffff:10.0.0.5',
  ])('a host that other machines reach is refused with what to set: %j', (host) => {
    expect(() => assertSafeBinding(host, { clientKeys: [] })).toThrow(ConfigError)
    expect(() => assertSafeBinding(host, {})).toThrow(/--client-key.*127\.0\.0\.1/)
  })
})

it('a client key allows every host', () => {
  expect(() => assertSafeBinding('0.0.0.0', { clientKeys: ['client-key-for-tests'] })).not.toThrow()
})
