import * as v from 'valibot'
import { byModel, strict } from '../../validation.js'
import { type FallbackCause, fallbackCauses } from './fallback-cause.js'

/** One model, or several in the order in which they are tried. */
export type ModelList = string | readonly string[]

/** Other names for models, and other models where one cannot serve. */
export interface ModelOptions {
  /** The model that a name stands for, by name or pattern, as in `{ 'gpt-4o*': 'deepseek-ai/DeepSeek-V3' }`. */
  readonly aliases?: Readonly<Record<string, string>>
  /**
   * The models to try when no key can serve one, by its name or pattern: a list for `any` cause, or lists by cause.
   * `any` leaves out `context` and `content`, which are faults of the request itself. The models are tried in order,
   * each with all keys; fallbacks of fallbacks are not tried.
   */
  readonly fallbacks?: Readonly<
    Record<string, ModelList | Readonly<Partial<Record<FallbackCause | 'any', ModelList>>>>
  >
}

const name = v.pipe(v.string('must be the name of a model'), v.minLength(1, 'must not be empty'))
const list = v.union([name, v.array(name)], 'must be the name of a model or a list of names')
const byCause = Object.fromEntries([...fallbackCauses, 'any'].map((cause) => [cause, v.optional(list)]))
const causes = [...fallbackCauses, 'any'].join(', ')

export const modelSchema: v.GenericSchema = strict(
  {
    aliases: v.optional(byModel(name)),
    fallbacks: v.optional(
      byModel(
        v.lazy((value) =>
          typeof value === 'object' && !Array.isArray(value)
            ? strict(byCause, `must be the name of a model, a list of names, or an object of ${causes}`)
            : list,
        ),
      ),
    ),
  },
  'must be an object of aliases and fallbacks',
)
