import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { outboundOptions } from './outbound-options.js'

const environment = { HTTPS_PROXY: 'http://a:1', NO_PROXY: 'localhost' }

describe('how the upstream is reached', () => {
  it('the proxies of the environment are used when none is set', async () => {
    expect(await outboundOptions({ settings: { proxy: undefined }, terminal: { environment } })).toEqual({
      proxy: { https: 'http://a:1', http: undefined, noProxy: 'localhost' },
    })
    expect(await outboundOptions({ settings: { proxy: undefined } })).toEqual({})
  })

  it('a proxy that is set goes before the environment, whose NO_PROXY still holds', async () => {
    const proxy = 'socks5://b:2'
    expect(await outboundOptions({ settings: { proxy }, terminal: { environment } })).toEqual({
      proxy: { https: proxy, http: proxy, noProxy: 'localhost' },
    })
  })

  it('the word none, or a command that reaches no upstream, leaves proxies out', async () => {
    expect(await outboundOptions({ settings: { proxy: 'none' }, terminal: { environment } })).toEqual({})
    expect(await outboundOptions({ settings: {}, terminal: { environment } })).toEqual({})
  })

  it('a wrong proxy in the environment is refused by the name of its variable', async () => {
    const terminal = { environment: { ALL_PROXY: 'ftp://user:canary@a' } }
    await expect(outboundOptions({ settings: { proxy: undefined }, terminal })).rejects.toThrow(
      /^ALL_PROXY must be an http, https or socks5 URL(?!.*canary)/,
    )
  })

  it('a file of certificates is read, and a directory or a missing file is refused by its path', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'sfpool-test-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    writeFileSync(join(directory, 'ca.pem'), 'certificates')
    expect(await outboundOptions({ settings: { ca: join(directory, 'ca.pem') } })).toEqual({
      ca: 'certificates',
    })
    for (const [path, reason] of [
      [directory, 'the path is a directory'],
      [join(directory, 'missing.pem'), 'there is no such file or directory'],
      ['/dev/zero', 'the path is a device, not a file'],
    ] as const)
      await expect(outboundOptions({ settings: { ca: path } })).rejects.toThrow(
        `--ca ${path} cannot be read: ${reason}`,
      )
  })
})
