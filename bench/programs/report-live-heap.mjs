// @ts-check
// Imported by programs whose memory is measured: on SIGUSR2 they collect garbage and print the remaining live bytes.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

process.on('SIGUSR2', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc')
  // The first collection finds unreferenced buffers, the second releases their bytes.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  process.stdout.write(`live bytes: ${heapUsed + external}\n`)
})
