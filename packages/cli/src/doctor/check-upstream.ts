import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { outboundOptions } from '../pool/outbound-options.js'
import { poolOptions } from '../pool/pool-options.js'
import { timerlessRuntime } from '../pool/timerless-runtime.js'
import { askUpstream, type UpstreamAnswer } from './ask-upstream.js'
import type { DoctorContext } from './doctor-context.js'
import { type Finding, failure, ok, warning } from './finding.js'

/** Clocks that differ by more make logs and limits of days hard to compare. */
const clockWarnMs = 60_000

/** The way to the upstream: proxy, name, connection, certificate, answer; and the clock against that of the upstream. */
export async function checkUpstream(context: DoctorContext, signal: AbortSignal): Promise<Finding[]> {
  const { settings } = context
  const { KeyPool, memoryStore, siliconflow, undiciTransport } = await import('@sfpool/core')
  const outbound = await outboundOptions(context)
  await using pool = new KeyPool({
    ...poolOptions(settings, siliconflow),
    ...outbound,
    store: memoryStore(),
    runtime: timerlessRuntime,
  })
  const { baseURL, proxy } = pool
  const through = ok(
    'proxy',
    proxy === null
      ? 'no proxy to the upstream'
      : `through the proxy ${proxy} (from ${context.origins.proxy ?? 'the environment'})`,
  )
  // A proxy looks the name up itself.
  const unknownName = proxy === null ? await nameFault(new URL(baseURL).hostname) : undefined
  if (unknownName !== undefined) return [through, unknownName]
  const transport = undiciTransport({ connectTimeoutMs: 0, ...outbound })
  try {
    const answer = await askUpstream(transport, baseURL, signal)
    return [through, answerFinding(baseURL, answer), ...clockFindings(answer, Date.now())]
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [through, failure('upstream', `${baseURL} cannot be reached: ${message}`, mendOf(error, proxy))]
  } finally {
    await transport.close()
  }
}

async function nameFault(host: string): Promise<Finding | undefined> {
  const name = host.replace(/^\[|\]$/g, '')
  if (isIP(name) !== 0) return undefined
  try {
    await lookup(name)
    return undefined
  } catch (error) {
    const code = String(Reflect.get(error as object, 'code'))
    return failure(
      'upstream',
      `the name ${name} cannot be looked up (${code})`,
      'Check the network, its DNS servers and --base-url; behind a proxy set --proxy',
    )
  }
}

function answerFinding(baseURL: string, { status, latencyMs }: UpstreamAnswer): Finding {
  const said = `${baseURL} answers in ${Math.round(latencyMs)} ms (HTTP ${status})`
  if (status >= 500)
    return warning('upstream', said, 'The upstream, or the proxy, has a fault; try again later')
  if (status === 407) return failure('upstream', said, 'Put user and password of the proxy into --proxy')
  if (status === 404) return warning('upstream', said, 'Check --base-url: there is no /models below it')
  return ok('upstream', said)
}

export function clockFindings({ date, latencyMs }: UpstreamAnswer, now: number): Finding[] {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return []
  // The date is in whole seconds, and as old as the answer's way to us.
  const aheadMs = now - theirs - latencyMs / 2
  const seconds = Math.round(Math.abs(aheadMs) / 1_000)
  if (Math.abs(aheadMs) <= clockWarnMs)
    return [ok('clock', `this clock agrees with the upstream's within a minute`)]
  const side = aheadMs > 0 ? 'ahead of' : 'behind'
  return [
    warning(
      'clock',
      `this clock is ${seconds} s ${side} the upstream's`,
      'Set the clock, or turn on time synchronisation (NTP)',
    ),
  ]
}

function mendOf(error: unknown, proxy: string | null): string {
  const code = String(Reflect.get(error as object, 'code') ?? '')
  if (/CERT|SELF_SIGNED|UNABLE_TO|TLS|SSL/.test(code))
    return 'If a company inspects the traffic, give its certificates with --ca <file>'
  return proxy === null
    ? 'Check the network and --base-url; behind a proxy set --proxy'
    : 'Check --proxy, HTTPS_PROXY and NO_PROXY'
}
