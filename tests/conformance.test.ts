import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ConformanceResult, commandTarget, conformanceCases, runConformance } from '@sfpool/simulator'
import { beforeAll, expect, it } from 'vitest'

/** A few cases of every group; all of them run with `npm run conformance`. */
const chosen = [
  'relay.stream-cut-by-utf8.1-0',
  'relay.speech.1-0',
  'keys.token-invalid.2-1',
  'keys.insufficient-balance.50-49',
  'keys.rate-limit-rpm.1-1',
  'caller.parameter-invalid.50-50',
  'upstream.overloaded.50-3',
  'connection.refused.2-2',
  'connection.silence-before-head-chat-stream.2-1',
  'stream.error-frame-before-output.2-1',
  'stream.no-done-after-output.2-1',
  'stream.reset-after-output-messages-stream.2-1',
  'stream.truncate-within-character-4.2-1',
  'json.reset-mid-body.2-1',
  'json.large-reset-mid-body.1-1',
  'once.reset-after-run-file.2-2',
  'once.refused-key-video.2-1',
  'leaving.before-head-stream.1-1',
  'leaving.after-head.1-1',
  'leaving.mid-stream.1-1',
]

const bin = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
let results: readonly ConformanceResult[]

beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), 'sfpool-conformance-home-'))
  const target = commandTarget({
    name: 'sfpool',
    command: [
      ...[process.execPath, bin, 'serve', '--port', '{port}', '--base-url', '{upstream}'],
      ...[
        '--keys',
        '{keysFile}',
        '--store',
        'memory:',
        '--log-level',
        'silent',
        '--client-key',
        'fake-client',
      ],
      ...['--timeout-first-byte', '{firstByteMs}', '--timeout-idle', '{idleMs}'],
    ],
    env: { PATH: process.env.PATH, HOME: home },
    headers: { authorization: 'Bearer fake-client' },
  })
  const cases = conformanceCases.filter(({ id }) => chosen.includes(id))
  results = (await runConformance({ target, cases })).results
  rmSync(home, { recursive: true, force: true })
})

it.each(chosen)('sfpool serve passes the conformance case %s', (id) => {
  const result = results.find(({ case: subject }) => subject.id === id)
  expect(result).toMatchObject({ verdict: 'pass', problems: [] })
})
