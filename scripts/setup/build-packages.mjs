/** Builds what the packages publish to run. Their declarations come from `tsc -b`, which also checks the references. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Every published package, and the source file behind each of its entry points. */
const entries = {
  core: ['index', 'sse', 'sqlite'],
  simulator: ['index', 'conformance-bin'],
  gateway: ['index'],
  'server-adapters': ['node', 'express', 'fastify', 'hono'],
  cli: ['bin'],
}

export const packages = Object.keys(entries)

/**
 * @param {import('esbuild')} esbuild
 * @param {{ root: string, into?: string }} folders `into` has the packages' folders in `packages` too
 */
export async function buildPackages(esbuild, { root, into = root }) {
  await Promise.all(
    packages.map(async (name) => {
      const from = join(root, 'packages', name)
      const outdir = join(into, 'packages', name, 'dist')
      const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
      mkdirSync(outdir, { recursive: true })
      // What an earlier build left would be published too.
      for (const file of readdirSync(outdir)) if (file.endsWith('.js')) rmSync(join(outdir, file))
      await esbuild.build({
        absWorkingDir: root,
        entryPoints: entries[name].map((entry) => join(from, 'src', `${entry}.ts`)),
        outdir,
        // The package's own settings: the workspace's map package names to sources, which would be bundled.
        tsconfig: join(from, 'tsconfig.json'),
        bundle: true,
        splitting: true,
        format: 'esm',
        target: 'node20.19',
        platform: 'node',
        // Everything a package.json lists stays outside; each package ships only its own code.
        packages: 'external',
        define: { __SFPOOL_VERSION__: JSON.stringify(version) },
        logLevel: 'warning',
      })
      for (const entry of entries[name].filter((each) => each.endsWith('bin')))
        chmodSync(join(outdir, `${entry}.js`), 0o755)
    }),
  )
}
