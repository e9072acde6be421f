import * as v from 'valibot'
import { byModel, strict } from '../../validation.js'
import { type StreamForm, streamForms } from './stream-form.js'

/** How text is paced. */
export interface SmoothOptions {
  /** `character`: one event for each character; `batch`: one event for all text that is due. @default 'batch' */
  readonly by?: 'character' | 'batch'
  /** The longest time that any byte is held, in milliseconds. @default 1_000 */
  readonly maxDelayMs?: number
  /**
   * The weight of the newest measurement when the pace is set: 1 follows every change at once, near 0 hardly ever.
   * @default 0.5
   */
  readonly factor?: number
}

/** How answers are streamed to clients, on routes that generate text. A request's own header takes precedence. */
export interface StreamOptions {
  /**
   * `relay`: answers go on as they come. `smooth`: the text of streams goes on at an even pace. `buffer`: a client that
   * asks for one JSON reply gets it from a stream, which no gateway's time limit ends. `stream`: a client that asks for
   * a stream gets it from one JSON reply. @default 'relay'
   */
  readonly mode?: StreamForm
  /** The mode by model name, or by pattern with `*`; of several patterns the longest holds. */
  readonly models?: Readonly<Record<string, StreamForm>>
  readonly smooth?: SmoothOptions
  /**
   * Asks the upstream for the usage of every stream, so that it is counted. A client that did not ask for usage does
   * not get the event that carries it. @default false
   */
  readonly includeUsage?: boolean
  /** The silence after which a client that waits for a stream gets a comment, in ms; 0 for never. @default 0 */
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

/** The schema of the option `streams`. */
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
