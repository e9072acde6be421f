import { setTimeout as delay } from 'node:timers/promises'
import type { RecordedRequest } from '../record/recorded-request.js'
import { askFor, type CaseSetup, callsOf } from './case-setup.js'
import type { Client } from './client.js'
import type { LeavingPhase } from './conformance-case.js'
import type { Leaving } from './observation.js'
import { NotApplicableError } from './target/target.js'

/** One measurement says little on a busy machine, so the median of several is judged. */
const repetitions = 3
const pollMs = 2
const patienceMs = 12_000
/** How long the test waits for a phase to begin. */
const phaseLimitMs = 5000
/** After this time an upstream connection that is not closed counts as never closed. */
const closeLimitMs = 1500
/** The time for events that the simulator cannot observe, such as a head on its way to the client. */
const settlingMs = 40
/** The upstream counts as slowed down when nothing was sent for this long. */
const stillMs = 250
/** How long calls are still counted after the client has left. */
const aftermathMs = 150
/** The cooldown of the queued client's key lasts a second; a call after that would be made for a client that left. */
const queueAftermathMs = 1600

/** Lets a client leave in a phase several times, and measures when the upstream connection closes. */
export async function observeLeavings(phase: LeavingPhase, setup: CaseSetup): Promise<Leaving[]> {
  const leavings: Leaving[] = []
  const times = phase === 'queued' ? 1 : repetitions
  while (leavings.length < times) {
    const leaving = await leaveOnce(phase, setup)
    leavings.push(leaving)
    // A connection that is never closed cannot be explained by a busy machine.
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

/** Waits for each phase. Throws when a phase does not begin. */
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
