import { readFileSync } from 'node:fs'
import { checkPriceList, KeyPool, strategyNames } from '@sfpool/core'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { commandSpecs } from './command-specs.js'
import { catalogue } from './config/catalogue.js'
import { policySettings } from './config/policy-catalogue.js'
import { resolveSettings } from './config/resolve.js'
import { longName } from './config/setting.js'
import { commonSettings } from './config/settings.js'
import { fileSource } from './config/sources.js'
import { poolOptions } from './pool/pool-options.js'

const read = (name: string): string =>
  readFileSync(new URL(`../../../docs/guide/${name}.md`, import.meta.url), 'utf8')
const guide = read('choosing-keys')

const blocks = (language: string, text = guide): string[] =>
  Array.from(
    text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g')),
    ([, text = '']) => text,
  )

/** Returns the first cell of each row of the table under a heading. */
function rowsBelow(heading: string): string[] {
  const [, table = ''] = guide.split(`| ${heading} |`)
  return Array.from((table.split('\n\n')[0] ?? '').matchAll(/^\| `([\w-]+)`/gm), ([, name = '']) => name)
}

async function construct(options: ConstructorParameters<typeof KeyPool>[0]): Promise<void> {
  await using pool = new KeyPool(options)
  await pool.ready
}

describe('the guide to choosing keys', () => {
  it('the guide to choosing keys names every strategy and every option', () => {
    expect(rowsBelow('name')).toEqual(strategyNames)
    expect(rowsBelow('option')).toEqual(policySettings)
  })

  it.each(['choosing-keys', 'failover'].flatMap((name) => blocks('yaml', read(name))))(
    'a server accepts the settings shown in the guides:\n%s',
    async (text) => {
      const source = fileSource('sfpool.config.yaml', parse(text))
      const { settings, origins } = resolveSettings(policySettings, [source])
      expect(Object.keys(origins).length).toBeGreaterThan(0)
      // The keys that a mode names must be in the store.
      const keys = settings.mode === undefined ? [] : [{ secret: `sk-${'fake'.repeat(8)}`, account: 'acme' }]
      await construct({ ...poolOptions(settings), keys })
    },
  )

  it('the code in the guide to choosing keys makes the same pool as the settings file beside it', async () => {
    const [code = ''] = blocks('js')
    const makePool = new Function('KeyPool', `${code.replace(/^import .*/m, '')}`)
    let given: Record<string, unknown> = {}
    makePool(
      class {
        constructor(options: Record<string, unknown>) {
          given = options
        }
      },
    )
    const { keys, ...policy } = given
    expect(policy).toEqual(parse(blocks('yaml')[0] ?? ''))
    await construct({ ...policy, keys: keys as string[] })
  })

  it.each(['choosing-keys', 'balances'])('the commands and flags shown in the guide %s exist', (page) => {
    const lines = blocks('console', read(page)).flatMap((text) => text.trim().split('\n'))
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) {
      const [, name = ''] = /\bsfpool (\w+)/.exec(line) ?? []
      const spec = commandSpecs.find(({ usage }) => usage.split(' ')[0] === name)
      const known = [...commonSettings, ...(spec?.settings ?? [])].map((setting) =>
        longName(catalogue[setting]),
      )
      expect(spec, line).toBeDefined()
      for (const [, flag] of line.matchAll(/ --([a-z-]+)/g)) expect(known, line).toContain(flag)
    }
  })
})

it('the price list shown in the guide to balances is valid', () => {
  const [text = ''] = blocks('yaml', read('balances'))
  const { sites } = checkPriceList(parse(text), 'prices')
  expect(sites.cn?.models['my-own/*']).toBe('free')
})
