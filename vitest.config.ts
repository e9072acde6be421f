import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const { version } = JSON.parse(readFileSync(new URL('./packages/core/package.json', import.meta.url), 'utf8'))
const source = (path: string) => fileURLToPath(new URL(`./packages/${path}`, import.meta.url))

export default defineConfig({
  define: { __SFPOOL_VERSION__: JSON.stringify(version) },
  resolve: {
    // Tests read the sources, so a change needs no build; what runs the built files says so in its own set-up.
    alias: [
      { find: /^@sfpool\/(core|simulator|gateway)$/, replacement: source('$1/src/index.ts') },
      { find: /^@sfpool\/(core|server-adapters)\/(.+)$/, replacement: source('$1/src/$2.ts') },
    ],
  },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'tests/**/*.test.ts',
      'bench/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    typecheck: { enabled: true, include: ['packages/*/src/**/*.test-d.ts'], tsconfig: './tsconfig.json' },
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.test-d.ts', '**/testing/**'],
      reporter: ['text-summary', 'html', 'json-summary'],
    },
    // A busy machine is slow, not wrong: only a test that hangs may run out of time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'tmp/tests.json' }]] : ['default'],
  },
})
