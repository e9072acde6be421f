import { PatternMap } from '../../collections/pattern-map.js'
import { generates } from '../../sse/emptiness.js'
import { completed } from '../../validation.js'
import { headerValue } from '../../wire/headers.js'
import { bytesOf, type Call } from './call.js'
import { type BodyChanges, rewriteBody } from './rewrite-body.js'
import { type StreamFlags, streamFlagsOf } from './stream-flags.js'
import type { StreamForm } from './stream-form.js'
import { defaultSmooth, type SmoothOptions, type StreamOptions } from './stream-options.js'

/** The option `streams`, completed. */
export interface Streams {
  readonly mode: StreamForm
  /** Null when every model has the same mode. */
  readonly models: PatternMap<StreamForm> | null
  readonly smooth: Required<SmoothOptions>
  readonly includeUsage: boolean
  readonly heartbeatMs: number
  /** Nothing is on, so that only a request's own wish counts. */
  readonly isOff: boolean
}

/** Completes options that the schema has checked. */
export function streamsOf(options: StreamOptions = {}): Streams {
  const { mode = 'relay', models = {}, includeUsage = false, heartbeatMs = 0 } = options
  const isUniform = Object.keys(models).length === 0
  return {
    mode,
    models: isUniform ? null : new PatternMap(models),
    smooth: completed(defaultSmooth, options.smooth),
    includeUsage,
    heartbeatMs,
    isOff: mode === 'relay' && isUniform && !includeUsage && heartbeatMs === 0,
  }
}

/**
 * The call as the upstream is to get it, and how the answer is to be given. The very same call when nothing is to be
 * different: with the options off its body is not looked at.
 */
export function prepareStreams(call: Call, streams: Streams): Call {
  const { askedForm, route, body, headers } = call
  if (body === null || (askedForm === null && streams.isOff) || !generates(route)) return call
  const asked = askedForm ?? modeOf(call, streams)
  if (asked === 'relay' && !streams.includeUsage && streams.heartbeatMs === 0) return call
  // What is sent once only cannot be changed, but its answer can be given at another pace.
  if ('stream' in body) return asked === 'smooth' ? { ...call, form: asked } : call
  const bytes = bytesOf(body)
  const flags = streamFlagsOf(bytes)
  if (flags === null) return call
  const plan = planOf(call, asked, flags, streams)
  if (plan === null) return call
  const rewritten = rewriteBody(bytes, headerValue(headers, 'content-type'), plan.changes)
  if (rewritten === null) return call
  const { form, hidesUsage } = plan
  const { wantsStream, wantsUsage } = flags
  return { ...call, form, wantsStream, wantsUsage, hidesUsage, body: { bytes: rewritten } }
}

const modeOf = ({ askedModel, model }: Call, { models, mode }: Streams): StreamForm =>
  models?.get(askedModel) ?? models?.get(model) ?? mode

interface Plan {
  readonly form: StreamForm
  readonly changes: BodyChanges
  readonly hidesUsage: boolean
}

/** What to do for a request; null for nothing. */
function planOf(
  { route }: Call,
  asked: StreamForm,
  { wantsStream, wantsUsage }: StreamFlags,
  { includeUsage, heartbeatMs }: Streams,
): Plan | null {
  // Anthropic's streams carry their usage unasked.
  const canAskForUsage = route.terminator === 'done'
  if (!wantsStream) {
    if (asked !== 'buffer') return null
    const usage = canAskForUsage ? ({ includeUsage: true } as const) : {}
    return { form: 'buffer', changes: { stream: true, ...usage }, hidesUsage: false }
  }
  if (asked === 'stream') return { form: 'stream', changes: { stream: false }, hidesUsage: false }
  const form = asked === 'smooth' ? asked : 'relay'
  if (includeUsage && canAskForUsage && !wantsUsage)
    return { form, changes: { includeUsage: true }, hidesUsage: true }
  return form === 'relay' && heartbeatMs === 0 ? null : { form, changes: {}, hidesUsage: false }
}
