import * as v from 'valibot'
import { byModel, strict } from '../../validation.js'
import { type StreamForm, streamForms } from './stream-form.js'

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

export const defaultSmooth: Required<SmoothOptions> = Object.freeze({
  by: 'batch',
  maxDelayMs: 1_000,
  factor: 0.5,
})

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
