// @ts-check
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runPinned } from '../measure/child.mjs'
import { cores } from '../measure/cores.mjs'
import { SkippedError } from '../measure/tools.mjs'
import { programPath, startRival } from './rival.mjs'

const name = '@portkey-ai/gateway'
const version = '1.15.2'
const directory = fileURLToPath(new URL('../.rivals', import.meta.url))

/** Installs the package into bench/.rivals on first use, without install scripts and outside the workspace. */
export async function installed() {
  const program = join(directory, 'node_modules', name, 'build', 'start-server.js')
  if (existsSync(program)) return program
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'package.json'), '{ "name": "bench-rivals", "private": true }\n')
  process.stderr.write(`installing ${name}@${version} into bench/.rivals …\n`)
  try {
    await runPinned({
      command: 'npm',
      args: ['install', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', `${name}@${version}`],
      core: cores.load,
      cwd: directory,
    })
  } catch (cause) {
    throw new SkippedError(`npm could not install ${name}@${version}`, { cause })
  }
  return program
}

/** @type {import('./rival.mjs').Entrant} */
export const portkey = {
  name: 'portkey',
  start: async (upstreamPort) => {
    const program = await installed()
    return startRival({
      name: 'portkey',
      program: (port) => ({
        command: process.execPath,
        args: [
          '--import',
          pathToFileURL(programPath('loopback-only')).href,
          program,
          `--port=${port}`,
          '--headless',
        ],
        env: { ...process.env, NODE_ENV: 'production' },
      }),
      headers: {
        authorization: 'Bearer sk-fake-bench-key',
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
      },
    })
  },
}
