import * as v from 'valibot'
import { ModelPatterns } from '../../collections/pattern-map.js'
import { headerValue } from '../../provider/error-body.js'
import { generates } from '../../sse/emptiness.js'
import { byModel, completed, strict } from '../../validation.js'
import { bytesOf, type Call } from './call.js'
import { type BodyChanges, rewriteBody } from './rewrite-body.js'
import { type StreamForm, streamForms } from './stream-form.js'
import { type StreamWishes, streamWishesOf } from './stream-wishes.js'

/** How text is sent on at an even pace. */
export interface SmoothOptions {
  /** `character`: an event for each; `batch`: what is due is sent as one event. @default 'batch' */
  readonly by?: 'character' | 'batch'
  /** The longest that any byte may be kept, in milliseconds. @default 1_000 */
  readonly maxDelayMs?: number
  /**
   * How much the newest measurement counts when the pace is set: 1 follows every change at once, near 0 hardly ever.
   * @default 0.5
   */
  readonly factor?: number
}

/** How answers are streamed to clients, for the routes that generate text. One request may say otherwise. */
export interface StreamOptions {
  /**
   * `relay`: as they come. `smooth`: streams with their text at an even pace. `buffer`: clients that ask for one JSON
   * reply get it from a stream, which no gateway's time limit ends. `stream`: clients that ask for a stream get it
   * from one JSON reply. @default 'relay'
   */
  readonly mode?: StreamForm
  /** The mode by model name, or by pattern with `*`; of several the longest. */
  readonly models?: Readonly<Record<string, StreamForm>>
  readonly smooth?: SmoothOptions
  /**
   * Asks the upstream for the usage of every stream, so that it can be counted; clients that did not ask for it do not
   * get the event that carries it. @default false
   */
  readonly includeUsage?: boolean
  /** After how much silence a client that waits for a stream is sent a comment, in milliseconds; 0 for never. @default 0 */
  readonly heartbeatMs?: number
}

const form = v.picklist(streamForms, `must be one of ${streamForms.join(', ')}`)

const milliseconds = (least: number): v.GenericSchema<number> =>
  v.pipe(
    v.number('must be a number of milliseconds'),
    v.check(
      (ms) => ms === 0 || (ms >= least && ms <= 600_000),
      `must be 0, or from ${least} to 600000 milliseconds`,
    ),
  )

/** What the option `streams` may be. */
export const streamSchema: v.GenericSchema<StreamOptions> = strict(
  {
    mode: v.optional(form),
    models: v.optional(byModel(form)),
    smooth: v.optional(
      strict(
        {
          by: v.optional(v.picklist(['character', 'batch'], "must be 'character' or 'batch'")),
          maxDelayMs: v.optional(milliseconds(1)),
          factor: v.optional(
            v.pipe(
              v.number('must be a number'),
              v.check((factor) => factor > 0 && factor <= 1, 'must be above 0 and not above 1'),
            ),
          ),
        },
        'must be an object of by, maxDelayMs and factor',
      ),
    ),
    includeUsage: v.optional(v.boolean('must be true or false')),
    heartbeatMs: v.optional(milliseconds(100)),
  },
  'must be an object of mode, models, smooth, includeUsage and heartbeatMs',
) as v.GenericSchema<StreamOptions>

/** The option `streams`, completed. */
export interface Streams {
  readonly mode: StreamForm
  /** Null when every model has the same mode. */
  readonly models: ModelPatterns<StreamForm> | null
  readonly smooth: Required<SmoothOptions>
  readonly includeUsage: boolean
  readonly heartbeatMs: number
  /** Nothing is on, so that only a request's own wish counts. */
  readonly isOff: boolean
}

const defaultSmooth: Required<SmoothOptions> = Object.freeze({
  by: 'batch',
  maxDelayMs: 1_000,
  factor: 0.5,
})

/** Completes options that the schema has checked. */
export function streamsOf(options: StreamOptions = {}): Streams {
  const { mode = 'relay', models = {}, includeUsage = false, heartbeatMs = 0 } = options
  const isUniform = Object.keys(models).length === 0
  return {
    mode,
    models: isUniform ? null : new ModelPatterns(models),
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
  const wishes = streamWishesOf(bytes)
  if (wishes === null) return call
  const plan = planOf(call, asked, wishes, streams)
  if (plan === null) return call
  const rewritten = rewriteBody(bytes, headerValue(headers, 'content-type'), plan.changes)
  if (rewritten === null) return call
  const { form, hidesUsage } = plan
  const { isStream: wantsStream, isWithUsage: wantsUsage } = wishes
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
  { isStream, isWithUsage }: StreamWishes,
  { includeUsage, heartbeatMs }: Streams,
): Plan | null {
  // Anthropic's streams carry their usage unasked.
  const canAskForUsage = route.terminator === 'done'
  if (!isStream) {
    if (asked !== 'buffer') return null
    const usage = canAskForUsage ? ({ includeUsage: true } as const) : {}
    return { form: 'buffer', changes: { stream: true, ...usage }, hidesUsage: false }
  }
  if (asked === 'stream') return { form: 'stream', changes: { stream: false }, hidesUsage: false }
  const form = asked === 'smooth' ? asked : 'relay'
  if (includeUsage && canAskForUsage && !isWithUsage)
    return { form, changes: { includeUsage: true }, hidesUsage: true }
  return form === 'relay' && heartbeatMs === 0 ? null : { form, changes: {}, hidesUsage: false }
}
