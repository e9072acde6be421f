import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter } from 'node:path'
import { fakeKey } from '@sfpool/simulator'
import { beforeAll, describe, expect, it } from 'vitest'
import { commandSpecs } from '../command-specs.js'
import { type Shell, shellScripts, shells } from '../completion/shell-scripts.js'
import { catalogue } from '../config/catalogue.js'
import { fileNames } from '../config/file-entries.js'
import { longName, type Setting } from '../config/setting.js'
import { bin, ensureBuilt } from '../testing/built.js'
import { createHome, type Home } from '../testing/run-cli.js'
import { environmentOf } from '../testing/run-environment.js'

beforeAll(ensureBuilt)

/** What the program suggests for the words up to the cursor. */
async function complete(home: Home, ...words: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await home.run(['__complete', ...words])
  expect([code, stderr]).toEqual([0, ''])
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0] ?? '']))
}

describe('what is suggested', () => {
  it('every command, with its summary', async () => {
    using home = createHome()
    expect(await complete(home, '')).toEqual(commandSpecs.map(({ usage }) => usage.split(' ')[0]))
    expect((await home.run(['__complete', 'doc'])).stdout).toMatch(/^doctor\tFind out what is wrong/)
  })

  it.each(commandSpecs.map(({ usage, settings }) => [usage.split(' ')[0] ?? '', settings] as const))(
    'every option of %s, and no option of another command',
    async (command, settings) => {
      using home = createHome()
      const flags = settings
        .map((name): Setting<unknown> => catalogue[name])
        .filter(({ hasNoFlag }) => hasNoFlag !== true)
        .map((setting) => `--${longName(setting)}`)
      const found = await complete(home, command, '--')
      expect(found).toEqual(expect.arrayContaining([...flags, '--json', '--config']))
      expect(found.length).toBe(flags.length + 7)
    },
  )

  it.each([
    [
      ['serve', '--log-level', ''],
      ['silent', 'error', 'warn', 'info', 'debug'],
    ],
    [['serve', '--log-level=d'], ['--log-level=debug']],
    [['--json', 'serve', '--provider', 'dee'], ['deepseek']],
    [['list', '--status', 'ready,ex'], ['ready,exhausted']],
    [['serve', '--strategy', 'weighted-'], ['weighted-score']],
    [['check', '--output', ''], [':files']],
    [['check', ''], [':files']],
    [['add', '-f', ''], [':files']],
    [['serve', '--port', ''], []],
    [
      ['config', ''],
      ['get', 'set', 'unset', 'list', 'path'],
    ],
    [['config', 'set', 'timeoutI'], ['timeoutIdle']],
    [
      ['config', 'set', 'trace', ''],
      ['true', 'false'],
    ],
    [['secret', 'r'], ['rotate']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['frobnicate', 'x'], []],
    [[], expect.arrayContaining(['add', 'serve'])],
  ])('after %j there is %j', async (words, expected) => {
    using home = createHome()
    expect(await complete(home, ...words)).toEqual(expected)
  })

  it('the names of all settings that config knows', async () => {
    using home = createHome()
    expect(await complete(home, 'config', 'get', '')).toEqual(fileNames)
  })

  it('ids and labels of the stored keys, and never a key', async () => {
    using home = createHome()
    const secret = fakeKey('completed')
    await home.run(['add', secret, '--label', 'team'])
    const [id] = JSON.parse((await home.run(['list', '--json'])).stdout).items.map(
      (key: { id: string }) => key.id,
    )
    expect(await complete(home, 'remove', '')).toEqual(['team', id])
    expect(await complete(home, 'update', 'te')).toEqual(['team'])
    expect((await home.run(['__complete', 'balance', ''])).stdout).not.toContain(secret)
  })

  it('nothing, and no message, when the store or the configuration is broken', async () => {
    using home = createHome()
    writeFileSync(home.path('sfpool.config.json'), '{"store":"broken.db", oops')
    writeFileSync(home.path('broken.db'), 'no database')
    expect(await complete(home, 'remove', '')).toEqual([])
    expect(
      await home.run(['__complete', 'remove', ''], { environment: { SFPOOL_STORE: 'broken.db' } }),
    ).toMatchObject({
      stdout: '',
      stderr: '',
      code: 0,
    })
  })
})

describe('sfpool completion', () => {
  it.each(shells)('sfpool completion %s prints the script', async (shell) => {
    using home = createHome()
    expect((await home.run(['completion', shell])).stdout).toBe(shellScripts[shell])
    expect(JSON.parse((await home.run(['completion', shell, '--json'])).stdout)).toEqual({
      shell,
      script: shellScripts[shell],
    })
  })

  it('sfpool completion of another shell exits with 2 and says which there are', async () => {
    using home = createHome()
    const { code, stderr } = await home.run(['completion', 'fissh'])
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/bash, zsh, fish\nDid you mean: sfpool completion fish/),
    ])
  })
})

/** What each shell suggests for a line, by its own completion, one suggestion in a line. */
const programs: Record<Shell, (script: string, line: string) => string[]> = {
  bash: (script, line) => [
    '-c',
    `source ${script}; COMP_LINE=${quoted(line)}; COMP_POINT=\${#COMP_LINE}; _sfpool; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ],
  // The completion system of zsh runs in its line editor only, so its two functions stand in here.
  zsh: (script, line) => [
    '-fc',
    `compdef() { :; }; compset() { :; }; _files() { print -l -- *; }; _describe() { print -l -- "\${(@)\${(@P)3}%%:*}"; };
     source ${script}; words=("\${(@s: :)$(print -rn -- ${quoted(line)})}"); CURRENT=$#words; _sfpool`,
  ],
  fish: (script, line) => [
    '-c',
    `source ${script}; complete -C ${quoted(line)} | string replace -r '\\t.*' ''; true`,
  ],
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const isThere = (shell: Shell): boolean => spawnSync(shell, ['--version']).status === 0

describe('in the shells themselves', () => {
  it('a shell is there to be tested in, and every one where the gate runs', () => {
    const missing = shells.filter((shell) => !isThere(shell))
    if (missing.length > 0)
      process.stderr.write(`completions are NOT tested in ${missing.join(', ')}: not installed\n`)
    const isGate = process.env.CI === 'true' && process.platform === 'linux'
    const mayLack = process.platform === 'win32' ? shells.length : shells.length - 1
    expect(missing.length).toBeLessThanOrEqual(isGate ? 0 : mayLack)
  })

  describe.each(shells)('%s', (shell) => {
    const inShell = it.skipIf(!isThere(shell))
    const suggestions = (home: Home, line: string): string[] => {
      mkdirSync(home.path('bin'), { recursive: true })
      writeFileSync(
        home.path('bin/sfpool'),
        `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(bin)} "$@"\n`,
      )
      chmodSync(home.path('bin/sfpool'), 0o755)
      writeFileSync(home.path('script'), shellScripts[shell])
      const environment = environmentOf(home.directory, {})
      const out = execFileSync(shell, programs[shell](home.path('script'), line), {
        cwd: home.directory,
        env: { ...environment, PATH: `${home.path('bin')}${delimiter}${environment.PATH}` },
        encoding: 'utf8',
      })
      return out.split('\n').filter((each) => each !== '')
    }

    inShell('completes commands, options and values', () => {
      using home = createHome()
      expect(suggestions(home, 'sfpool che')).toEqual(['check'])
      expect(suggestions(home, 'sfpool serve --log-l')).toEqual(['--log-level'])
      expect(suggestions(home, 'sfpool serve --log-level de')).toEqual(['debug'])
      expect(suggestions(home, 'sfpool config set timeoutI')).toEqual(['timeoutIdle'])
    })

    inShell('completes files where a file is meant, and labels of keys', async () => {
      using home = createHome()
      writeFileSync(home.path('keys.txt'), '')
      expect(suggestions(home, 'sfpool check ')).toEqual(expect.arrayContaining(['keys.txt']))
      await home.run(['add', fakeKey('shell'), '--label', 'team'])
      expect(suggestions(home, 'sfpool remove te')).toEqual(['team'])
    })

    inShell('runs nothing of a label that holds a command', async () => {
      using home = createHome()
      await home.run(['add', fakeKey('evil'), '--label', `x$(touch\${IFS}ran)`])
      suggestions(home, 'sfpool remove x')
      expect(() => execFileSync('ls', [home.path('ran')], { stdio: 'ignore' })).toThrow()
    })
  })
})
