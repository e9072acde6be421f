import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('.', import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8'))
const source = (path: string) => join(root, 'packages', path)

const testFiles = [
  'packages/*/src/**/*.test.ts',
  'tests/**/*.test.ts',
  'bench/**/*.test.ts',
  'scripts/**/*.test.ts',
]

/** Test files that have sizes of their own for the long run, or share tests that have. */
function filesWithSizes(): string[] {
  const files = ['packages', 'tests', 'bench', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(
        (file) => /(\.test|testing[\\/][^\\/]+)\.ts$/.test(file) && !/(^|[\\/])node_modules[\\/]/.test(file),
      )
      .map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
      .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') })),
  )
  // Grows while it is gone through: what imports one of these has its sizes too.
  const found = new Set(['packages/core/src/testing/sized.ts'])
  for (const each of found) {
    const imported = `/${each.replace(/^.*\//, '').replace(/\.ts$/, '.js')}'`
    for (const { file, text } of files) if (text.includes(imported)) found.add(file)
  }
  return [...found].filter((file) => file.endsWith('.test.ts'))
}

/** `--mode long` is `npm run test:long`: the large sizes, and the tests of types, for which all is compiled. */
export default defineConfig(({ mode }) => {
  const isLong = mode === 'long'
  return {
    define: { __SFPOOL_VERSION__: JSON.stringify(version) },
    resolve: {
      // Tests read the sources, so a change needs no build; what runs the built files says so in its own set-up.
      alias: [
        { find: /^@sfpool\/(core|simulator|gateway)$/, replacement: source('$1/src/index.ts') },
        { find: /^@sfpool\/(core|server-adapters)\/(.+)$/, replacement: source('$1/src/$2.ts') },
      ],
    },
    test: {
      include: isLong ? filesWithSizes() : testFiles,
      env: isLong ? { SFPOOL_TEST_SIZE: 'long' } : {},
      typecheck: {
        enabled: isLong,
        include: ['packages/*/src/**/*.test-d.ts'],
        tsconfig: './tsconfig.type-tests.json',
      },
      // One process for each core, which keeps what it has imported: to import it anew for each of hundreds of files
      // would take longer than the tests. `no-traces.ts` fails a file that leaves something to the next one.
      maxWorkers: availableParallelism(),
      isolate: false,
      setupFiles: ['./tests/no-traces.ts'],
      coverage: {
        provider: 'v8',
        include: ['packages/*/src/**/*.ts'],
        exclude: ['**/*.test.ts', '**/*.test-d.ts', '**/testing/**'],
        reporter: ['text-summary', 'html', 'json-summary'],
      },
      // A busy machine is slow, not wrong: only a test that hangs may run out of time.
      testTimeout: 180_000,
      expect: { poll: { timeout: 60_000 } },
      hookTimeout: 180_000,
      reporters: process.env.CI
        ? ['default', ['json', { outputFile: isLong ? 'tmp/tests-long.json' : 'tmp/tests.json' }]]
        : ['default'],
    },
  }
})
