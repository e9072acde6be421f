import { readFileSync } from 'node:fs'
import { defineConfig, type Options } from 'tsup'

/** Every published package, and the source file behind each of its entry points. */
const packages: Record<string, string[]> = {
  core: ['index', 'sse', 'sqlite'],
  simulator: ['index', 'conformance-bin'],
  gateway: ['index'],
  'server-adapters': ['node', 'express', 'fastify', 'hono'],
  cli: ['bin'],
}

const build = ([name, entries]: [string, string[]]): Options => {
  const dir = `packages/${name}`
  const { version } = JSON.parse(readFileSync(`${dir}/package.json`, 'utf8')) as { version: string }
  return {
    name,
    entry: Object.fromEntries(entries.map((entry) => [entry, `${dir}/src/${entry}.ts`])),
    outDir: `${dir}/dist`,
    // The package's own settings: the workspace's map package names to sources, which would be bundled.
    tsconfig: `${dir}/tsconfig.json`,
    format: 'esm',
    target: 'node20.19',
    platform: 'node',
    splitting: true,
    // What an earlier build left would be published too; the declarations are not tsup's.
    clean: ['!**/*.d.ts', '!**/.tsbuildinfo'],
    sourcemap: false,
    // Declarations come from `tsc -b`, which keeps one file per module and checks the project references.
    dts: false,
    // Everything a package.json lists stays outside; each package ships only its own code.
    skipNodeModulesBundle: true,
    external: [/^@sfpool\//],
    define: { __SFPOOL_VERSION__: JSON.stringify(version) },
  }
}

export default defineConfig(Object.entries(packages).map(build))
