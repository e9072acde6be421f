import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { programPath } from '../rivals/rival.mjs'
import { startPinned, stop } from './child.mjs'
import { cores } from './cores.mjs'
import { readLiveBytes } from './live-heap.mjs'
import { hasTool } from './tools.mjs'

const kept = 40_000_000

test.runIf(process.platform === 'linux' && hasTool('taskset'))(
  'readLiveBytes counts kept memory and not garbage, and can be called twice',
  async () => {
    const program = `
      let all = Array.from({ length: 10 }, () => new Uint8Array(${kept / 10}).fill(1))
      setInterval(() => {}, 1000)
      setTimeout(() => { all = []; console.log('dropped') }, 600)
      console.log('ready')`
    const preload = pathToFileURL(programPath('report-live-heap')).href
    const args = ['--import', preload, '--input-type=module', '-e', program]
    const started = startPinned({ command: process.execPath, args, core: cores.load })
    const said = async (word: string) => {
      while (!started.output.stdout.includes(word)) await once(started.child.stdout ?? started.child, 'data')
    }
    await said('ready')
    expect(await readLiveBytes(started)).toBeGreaterThan(kept)
    await said('dropped')
    expect(await readLiveBytes(started)).toBeLessThan(kept)
    await stop(started)
    await expect(readLiveBytes(started)).rejects.toThrow('does not report its live bytes')
  },
)
