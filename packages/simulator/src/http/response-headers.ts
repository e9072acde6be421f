import type { IncomingHttpHeaders } from 'node:http'
import type { FaultPlan } from '../faults/fault-plan.js'
import { hexId } from '../reply/ids.js'
import type { ContentEncoding } from '../scenario/settings.js'
import type { World } from '../world.js'
import { chooseEncoding } from './compression.js'

/** Returns the headers of every answer: the trace id, from the client or new, and the cookie of the settings. */
export function baseHeaders(
  { runtime, settings }: World,
  headers: IncomingHttpHeaders,
): Record<string, string> {
  const { 'x-trace-id': given, traceparent } = headers
  const parent = typeof traceparent === 'string' ? traceparent.split('-')[1] : undefined
  const traceId = typeof given === 'string' && given !== '' ? given : (parent ?? hexId(runtime.random))
  const created: Record<string, string> = { 'x-siliconcloud-trace-id': traceId }
  if (settings.setCookie !== '') created['set-cookie'] = settings.setCookie
  return created
}

/** Returns the headers that faults add. */
export function faultHeaders({ modifiers }: FaultPlan): Record<string, string> {
  const found = modifiers.flatMap((modifier) =>
    modifier.kind === 'headers' ? Object.entries(modifier.headers) : [],
  )
  return Object.fromEntries(found.map(([name, value]) => [name.toLowerCase(), value]))
}

/** Returns the compression of an answer: from a fault, or else from the settings. */
export function encodingOf(
  { modifiers }: FaultPlan,
  { settings }: World,
  headers: IncomingHttpHeaders,
): ContentEncoding | undefined {
  for (const modifier of modifiers) if (modifier.kind === 'compress') return modifier.encoding
  const accepted = headers['accept-encoding']
  return chooseEncoding(settings.compression, typeof accepted === 'string' ? accepted : undefined)
}
