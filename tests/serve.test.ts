import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sdkContract } from './sdk-contract.js'

const bin = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))

/** Starts the built command in a process of its own and waits until it says that it listens. */
sdkContract('sfpool serve', async (upstream, keys) => {
  const folder = mkdtempSync(join(tmpdir(), 'sfpool-serve-'))
  const keyFile = join(folder, 'keys.txt')
  writeFileSync(keyFile, keys.join('\n'))
  const flags = ['--port', '0', '--base-url', upstream, '--keys', keyFile, '--client-key', 'client-key']
  const store = ['--store', `file:${join(folder, 'pool.db')}`]
  const server = spawn(process.execPath, [bin, 'serve', ...flags, ...store], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: folder,
    // The keys and settings of the developer who runs the tests must not reach it.
    env: { PATH: process.env.PATH, HOME: folder },
  })
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    server.stderr.on('data', (chunk: Buffer) => {
      output += chunk
      const listening = /^listening on (\S+)$/m.exec(output)
      if (listening?.[1] !== undefined) resolve(listening[1])
    })
    server.on('exit', (code) => reject(new Error(`sfpool serve ended with ${code}: ${output}`)))
  })
  return {
    baseURL: `${url}/v1`,
    async close() {
      const ended = new Promise((resolve) => server.on('exit', resolve))
      server.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
})
