import { scrub } from '../render/scrub.js'
import { checkAccess } from './check-access.js'
import { checkConfig } from './check-config.js'
import { checkEnvironment } from './check-environment.js'
import { checkKeys } from './check-keys.js'
import { checkPackages } from './check-packages.js'
import { checkPort } from './check-port.js'
import { checkStore } from './check-store.js'
import { checkUpstream } from './check-upstream.js'
import type { DoctorContext } from './doctor-context.js'
import { type Finding, failure, warning } from './finding.js'

/** Looks at one part of an installation. The signal fires when it takes too long. */
export type Check = (context: DoctorContext, signal: AbortSignal) => Promise<Finding[]>

/** What a doctor says: `ok` unless a finding is an error. */
export interface DoctorReport {
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

/** The checks, by the name of what they look at, in the order in which they report. */
const allChecks: Readonly<Record<string, Check>> = {
  environment: checkEnvironment,
  packages: checkPackages,
  config: checkConfig,
  access: checkAccess,
  store: checkStore,
  keys: checkKeys,
  upstream: checkUpstream,
  port: checkPort,
}

/** How long one check may take. A locked store waits as long as this for its lock. */
const usualLimitMs = 10_000

/** Runs all checks side by side. Never rejects: a check that fails or takes too long is a finding itself. */
export async function examine(
  context: DoctorContext,
  {
    checks = allChecks,
    limitMs = usualLimitMs,
  }: { readonly checks?: Readonly<Record<string, Check>>; readonly limitMs?: number } = {},
): Promise<DoctorReport> {
  const reported = Object.entries(checks).map(([name, check]) => bounded(name, check, context, limitMs))
  const findings = (await Promise.all(reported)).flat().map(withoutSecrets)
  return { ok: findings.every(({ level }) => level !== 'error'), findings }
}

async function bounded(
  name: string,
  check: Check,
  context: DoctorContext,
  limitMs: number,
): Promise<Finding[]> {
  const limit = new AbortController()
  const tooLate = new Promise<Finding[]>((resolve) => {
    const timer = setTimeout(() => limit.abort(new Error('the check took too long')), limitMs)
    limit.signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve([
        warning(name, `no result within ${limitMs / 1_000} s`, 'Try again when the machine is less busy'),
      ])
    })
  })
  try {
    const { stopping } = context.terminal
    return await Promise.race([check(context, AbortSignal.any([limit.signal, stopping])), tooLate])
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return [failure(name, message, 'Mend what the message names, then run sfpool doctor again')]
  } finally {
    limit.abort()
  }
}

/** Messages of the system and of the upstream may repeat an address with its login. */
function withoutSecrets(finding: Finding): Finding {
  const { message, mend } = finding
  return { ...finding, message: scrub(message), mend: mend === null ? null : scrub(mend) }
}
