// @ts-check
// Imported by programs whose memory is watched: asked by SIGUSR2, they collect garbage and print what is still alive.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

process.on('SIGUSR2', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  // The first finds the buffers that nothing refers to any more, the second gives their bytes back.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  process.stdout.write(`live bytes: ${heapUsed + external}\n`)
})
