import { chmodSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { resolveSettings } from '../config/resolve.js'
import { environmentSource, fileSource } from '../config/sources.js'
import { createHome } from '../testing/run-cli.js'
import { accessKeys } from './access-keys.js'
import { warn } from './warn.js'

const names = [
  'host',
  'keys',
  'clientKey',
  'clientKeyFile',
  'adminKey',
  'adminKeyFile',
  'proxy',
  'cors',
  'demo',
  'secret',
  'secretFile',
] as const
const clientKey = 'fake-client-key-of-a-test'

/** What is said about two files of settings that every user can read, the second one in a folder with a strange name. */
async function warnings(
  local: object,
  own: object,
  environment: Record<string, string> = {},
): Promise<string[]> {
  using home = createHome()
  const paths = [home.path('local.json'), home.path('set at night.json')] as const
  for (const path of paths) {
    writeFileSync(path, '{}')
    chmodSync(path, 0o644)
  }
  const sources = [
    environmentSource(environment, home.directory),
    fileSource(paths[0], local),
    fileSource(paths[1], own),
  ]
  const { settings, files, origins } = resolveSettings(names, sources)
  const said: string[] = []
  await warn({ settings, files, origins, say: (text) => said.push(text) }, await accessKeys(settings))
  return said.map((text) => text.replaceAll(`${home.directory}/`, ''))
}

const readable = (path: string) =>
  `warning: the configuration ${path} can be read by every user of this machine; run: chmod 600 ${path}`

it.skipIf(process.platform === 'win32')(
  'a file with the login of a proxy that all can read is warned about',
  async () => {
    expect(await warnings({ proxy: 'http://user:canary@a' }, {})).toEqual([readable('local.json')])
    expect(await warnings({}, { proxy: 'user:canary@a:1' })).toEqual([readable('set at night.json')])
    expect(await warnings({ proxy: 'http://a' }, {})).toEqual([])
  },
)

it.skipIf(process.platform === 'win32')(
  'every file that a secret came from is warned about once',
  async () => {
    expect(await warnings({ clientKey, proxy: 'http://u:p@a' }, { adminKey: clientKey })).toEqual([
      readable('local.json'),
      readable('set at night.json'),
    ])
    expect(await warnings({ clientKey }, {}, { SFPOOL_CLIENT_KEY: clientKey })).toEqual([])
  },
)

it.skipIf(process.platform === 'win32')(
  'a file with the secret of the store that all can read is warned about',
  async () => {
    const secret = 'fake-secret-of-the-store'
    expect(await warnings({ secret }, {})).toEqual([readable('local.json')])
    expect(await warnings({}, {}, { SFPOOL_SECRET: secret })).toEqual([])
    expect(await warnings({}, {}, { SFPOOL_SECRET_FILE: 'local.json' })).toEqual([
      'warning: --secret-file local.json can be read by every user of this machine; run: chmod 600 local.json',
    ])
  },
)

it('a secret of the store that can be guessed is warned about by its place, not by its text', async () => {
  expect(await warnings({}, {}, { SFPOOL_SECRET: 'short-canary' })).toEqual([
    expect.stringMatching(/^warning: the secret of SFPOOL_SECRET has fewer than 16 characters/),
  ])
})
