import type { ByteBudget } from '../../collections/byte-budget.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { Call } from '../request/call.js'
import type { Streams } from '../request/prepare-streams.js'
import { heartbeatSink } from './heartbeat-sink.js'
import type { Sink } from './sink.js'
import { smoothSink } from './smooth-sink.js'

export interface ClientSideParts {
  readonly runtime: Runtime
  readonly streams: Streams
  /** Counts the bytes of answers that are held back. */
  readonly buffers: ByteBudget
}

/**
 * Wraps a client's sink for a prepared call: pacing on top, heartbeats below it. Returns the sink itself when the call
 * needs neither.
 */
export function clientSide(call: Call, sink: Sink, { runtime, streams, buffers }: ClientSideParts): Sink {
  const { heartbeatMs, smooth } = streams
  const hasHeartbeat = heartbeatMs > 0 && call.wantsStream
  const alive = hasHeartbeat ? heartbeatSink(sink, { call, runtime, everyMs: heartbeatMs, buffers }) : sink
  return call.form === 'smooth' ? smoothSink(alive, { runtime, options: smooth }) : alive
}
