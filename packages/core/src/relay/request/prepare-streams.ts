import { PatternMap } from '../../collections/pattern-map.js'
import type { Route } from '../../provider/provider.js'
import { generates } from '../../sse/emptiness.js'
import { completed } from '../../validation.js'
import { headerValue } from '../../wire/headers.js'
import { bytesOf, type Call } from './call.js'
import { type BodyChanges, rewriteBody } from './rewrite-body.js'
import { type StreamFlags, streamFlagsOf } from './stream-flags.js'
import type { StreamForm } from './stream-form.js'
import { defaultSmooth, type SmoothOptions, type StreamOptions } from './stream-options.js'

/** The option `streams` with its defaults. */
export interface Streams {
  readonly mode: StreamForm
  /** The modes of single models; null when every model has the same mode. */
  readonly models: PatternMap<StreamForm> | null
  readonly smooth: Required<SmoothOptions>
  readonly includeUsage: boolean
  readonly heartbeatMs: number
  /** Whether nothing is switched on, so that only a request's own header counts. */
  readonly isOff: boolean
}

/** Adds the defaults to options that the schema has checked. */
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
 * Changes a call to the form that the upstream gets, and notes the form that the client gets. The same object is
 * returned when nothing changes; without options and without a header, the body is not looked at.
 */
export function prepareStreams(call: Call, streams: Streams): Call {
  const { askedForm, route, body, headers } = call
  if (body === null || (askedForm === null && streams.isOff) || !generates(route)) return call
  const asked = formOn(route, askedForm ?? modeOf(call, streams))
  if (asked === 'relay' && !streams.includeUsage && streams.heartbeatMs === 0) return call
  // A body that is sent once cannot be changed, but its answer can still be paced.
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

/** Streams of responses are not assembled, nor made of a reply. */
const formOn = ({ terminator }: Route, asked: StreamForm): StreamForm =>
  terminator === 'response_end' && (asked === 'buffer' || asked === 'stream') ? 'relay' : asked

const modeOf = ({ askedModel, model }: Call, { models, mode }: Streams): StreamForm =>
  models?.get(askedModel) ?? models?.get(model) ?? mode

interface Plan {
  readonly form: StreamForm
  readonly changes: BodyChanges
  readonly hidesUsage: boolean
}

/** The plan for a request; null when nothing changes. */
function planOf(
  { route }: Call,
  asked: StreamForm,
  { wantsStream, wantsUsage }: StreamFlags,
  { includeUsage, heartbeatMs }: Streams,
): Plan | null {
  // Anthropic's streams always carry their usage.
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
