import type { OfferedModel } from '../catalogue/catalogue.js'
import type { ModelSubType } from '../catalogue/model.js'
import { apiError, invalidParameter } from '../errors/api-error.js'
import type { Call } from './call.js'

export type Params = Readonly<Record<string, unknown>>

/** Returns the JSON body as an object. Throws the platform's 400 for anything else. */
export function readParams({ json }: Call): Params {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw apiError('parameter-invalid')
  return json as Params
}

/** Finds the model that serves the call, and follows redirections. Throws when no model of these types has the id. */
export function resolveModel(call: Call, subTypes: readonly ModelSubType[]): OfferedModel {
  const { model: id, site, world } = call
  if (id === undefined || id === '') throw apiError('parameter-invalid')
  const asked = world.catalogue.get(site, id)
  const model = asked?.redirectTo === undefined ? asked : world.catalogue.get(site, asked.redirectTo)
  if (model === undefined) throw apiError('model-not-found')
  if (model.isDisabled) throw apiError('model-disabled')
  if (!subTypes.includes(model.subType)) throw apiError('model-not-found')
  return model
}

/** Reads a number within bounds; `undefined` when it is absent or null. */
export function readNumber(
  params: Params,
  name: string,
  [min, max]: readonly [min: number, max: number],
): number | undefined {
  const value = params[name] ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || Number.isNaN(value))
    throw invalidParameter(`Input should be a valid number: ${name}`)
  if (value < min || value > max) throw invalidParameter(`${name} should be between ${min} and ${max}`)
  return value
}

/** Reads the `limit` of a list. Default: all entries. */
export function readLimit({ query }: Call): number {
  const text = query.get('limit')
  if (text === null) return Number.POSITIVE_INFINITY
  if (!/^\d{1,9}$/.test(text)) throw invalidParameter('Input should be a valid integer: limit')
  return Number(text)
}

/** Reads a text; `undefined` when it is absent or null. */
export function readText(params: Params, name: string): string | undefined {
  const value = params[name] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw invalidParameter(`Input should be a valid string: ${name}`)
}

/** Reads a required text. */
export function requireText(params: Params, name: string): string {
  const value = readText(params, name)
  if (value === undefined) throw apiError('field-required')
  return value
}

/** Reads a required list with at least one entry. */
export function requireList(params: Params, name: string): readonly unknown[] {
  const value = params[name] ?? undefined
  if (value === undefined) throw apiError('field-required')
  if (!Array.isArray(value)) throw apiError('parameter-invalid')
  if (value.length === 0) throw apiError('empty-list')
  return value
}

export function isObject(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
