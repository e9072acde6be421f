// @ts-check
// Runs one of the stream loads in a process of its own, pinned beside the upstream: the argument is its JSON.
import { loadStreams, measureIdleStreams } from '../measure/stream-load.mjs'

const { kind, ...load } = JSON.parse(process.argv[2] ?? '{}')
const report = kind === 'idle' ? await measureIdleStreams(load) : await loadStreams(load)
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0))
