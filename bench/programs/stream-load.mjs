// @ts-check
// Runs one of the stream loads in its own process, pinned beside the upstream. The argument is the load as JSON.
import { loadStreams, measureIdleStreams } from '../measure/stream-load.mjs'

const { kind, ...load } = JSON.parse(process.argv[2] ?? '{}')
const report = kind === 'idle' ? await measureIdleStreams(load) : await loadStreams(load)
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0))
