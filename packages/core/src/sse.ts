export { EventCutter } from './sse/event-cutter.js'
export { StreamTap } from './sse/stream-tap.js'
