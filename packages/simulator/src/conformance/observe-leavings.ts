import { setTimeout as delay } from 'node:timers/promises'
import type { RecordedRequest } from '../record/recorded-request.js'
import { askFor, type CaseSetup, callsOf } from './case-setup.js'
import type { Client } from './client.js'
import type { LeavingPhase } from './conformance-case.js'
import type { Leaving } from './observation.js'
import { NotApplicableError } from './target/target.js'

/** One leaving says little on a busy machine; the median of these is judged. */
const repetitions = 3
const pollMs = 2
const patienceMs = 12_000
/** How long a phase may take to come. */
const phaseLimitMs = 5000
/** How long the upstream may take to be closed before that counts as never. */
const closeLimitMs = 1500
/** What goes unnoticed by the simulator, such as a head on its way to the client, gets this long. */
const settlingMs = 40
/** How long nothing may have been sent before the upstream counts as held back. */
const stillMs = 250
/** How long afterwards calls are still counted. */
const aftermathMs = 150
/** The rest of the queued client's key is a second; a call after that would be one for nobody. */
const queueAftermathMs = 1600

/** Lets a client leave in a phase, several times, and looks when the upstream learns of it. */
export async function observeLeavings(phase: LeavingPhase, setup: CaseSetup): Promise<Leaving[]> {
  const leavings: Leaving[] = []
  const times = phase === 'queued' ? 1 : repetitions
  while (leavings.length < times) {
    const leaving = await leaveOnce(phase, setup)
    leavings.push(leaving)
    // Never is no matter of a busy machine.
    if (leaving.closeMs === undefined) break
  }
  return leavings
}

async function leaveOnce(phase: LeavingPhase, setup: CaseSetup): Promise<Leaving> {
  const before = callsOf(setup).length
  const calls = (): RecordedRequest[] => callsOf(setup).slice(before)
  const behaviour = { isNotReading: phase === 'not-reading', isUploading: phase === 'uploading' }
  const client = askFor(setup, patienceMs, behaviour)
  await phaseWaits[phase](calls, client)
  const [call] = calls()
  const isDrained = call?.finishedAt !== undefined
  client.leave()
  const { leftAt = 0 } = client.view
  if (phase === 'queued' || call === undefined) {
    await delay(phase === 'queued' ? queueAftermathMs : aftermathMs)
    return { calls: calls(), closeMs: 0, isDrained: false }
  }
  await until(() => call.abortedAt !== undefined || call.finishedAt !== undefined, closeLimitMs)
  const closeMs = call.abortedAt === undefined ? undefined : Math.max(call.abortedAt - leftAt, 0)
  await delay(aftermathMs)
  return { calls: calls(), closeMs, isDrained }
}

type PhaseWait = (calls: () => readonly RecordedRequest[], client: Client) => Promise<void>

/** Resolves when the phase has come; throws when it does not come. */
const phaseWaits: Readonly<Record<LeavingPhase, PhaseWait>> = {
  uploading: async () => void (await delay(2 * settlingMs)),
  queued: async (calls, client) => {
    await waitFor('the refusal', () => calls()[0]?.finishedAt !== undefined)
    await delay(4 * settlingMs)
    if (client.view.status !== undefined) throw new NotApplicableError('the target has no queue')
  },
  'before-head': (calls) => waitAndSettle('the call', () => (calls()[0]?.faults.length ?? 0) > 0),
  'before-output': (calls) => waitAndSettle('the first event', () => (calls()[0]?.eventCount ?? 0) > 0),
  'mid-stream': (calls, client) =>
    waitFor('the stream', () => (calls()[0]?.eventCount ?? 0) > 4 && client.view.status !== undefined),
  'mid-answer': (calls) => waitAndSettle('the answer', () => (calls()[0]?.responseBytes ?? 0) > 0),
  'not-reading': async (calls) => {
    await waitFor('the stream', () => (calls()[0]?.responseBytes ?? 0) > 0)
    for (let sent = -1; sent !== calls()[0]?.responseBytes; ) {
      sent = calls()[0]?.responseBytes ?? 0
      await delay(stillMs)
    }
  },
}

async function waitAndSettle(what: string, hasCome: () => boolean): Promise<void> {
  await waitFor(what, hasCome)
  await delay(settlingMs)
}

async function waitFor(what: string, hasCome: () => boolean): Promise<void> {
  if (!(await until(hasCome, phaseLimitMs))) throw new Error(`${what} did not come in ${phaseLimitMs} ms`)
}

async function until(hasCome: () => boolean, limitMs: number): Promise<boolean> {
  for (const end = Date.now() + limitMs; Date.now() < end; await delay(pollMs)) if (hasCome()) return true
  return hasCome()
}
