/** Builds the packages where they are, without declarations. */
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { buildPackages } from './setup/build-packages.mjs'

await buildPackages(esbuild, { root: fileURLToPath(new URL('..', import.meta.url)) })
