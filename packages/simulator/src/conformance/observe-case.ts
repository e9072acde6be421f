import { setTimeout as delay } from 'node:timers/promises'
import { askFor, type CaseSetup, callsOf } from './case-setup.js'
import type { ConformanceCase } from './conformance-case.js'
import { isAnswer } from './judge-request.js'
import { readStates } from './key-states.js'
import type { Observation, ObservedRequest } from './observation.js'
import { observeLeavings } from './observe-leavings.js'

/** How long a client waits if the target may keep it waiting. */
const waitingMs = 800
/** The most rounds until the fault is met, whichever key the target starts with. */
const mostRounds = 8
const recoveryPollMs = 50

/**
 * Runs a case: sends its requests and collects the observations of client and upstream. A client waits `patienceMs` for
 * the end of an answer.
 */
export async function observeCase(
  subject: ConformanceCase,
  setup: CaseSetup,
  patienceMs: number,
): Promise<Observation> {
  const { client = 'stays', expect } = subject
  const isStaying = client === 'stays'
  const requests = isStaying ? await observeRequests(subject, setup, patienceMs) : []
  const leavings = isStaying ? [] : await observeLeavings(client.leaves, setup)
  const states = await readStates(setup)
  const observation: Observation = {
    requests,
    leavings,
    ...(states === undefined ? {} : { states }),
  }
  if (expect.recoversWithinMs === undefined) return observation
  return { ...observation, recoveredMs: await recover(setup, expect.recoversWithinMs) }
}

async function observeRequests(
  subject: ConformanceCase,
  setup: CaseSetup,
  patienceMs: number,
): Promise<ObservedRequest[]> {
  const { times = 1, atOnce = 1, expect } = subject
  const patience = expect.client.includes('waiting') ? waitingMs : patienceMs
  const requests: ObservedRequest[] = []
  for (let round = 0; round < times || (round < mostRounds && !isMet(setup)); round += 1) {
    requests.push(...(await requestAtOnce(setup, patience, atOnce)))
  }
  return requests
}

/** Sends simultaneous requests. The calls cannot be assigned to single clients, so each client gets all of them. */
async function requestAtOnce(setup: CaseSetup, patience: number, count: number): Promise<ObservedRequest[]> {
  const before = callsOf(setup).length
  const clients = Array.from({ length: count }, () => askFor(setup, patience).over)
  const views = await Promise.all(clients)
  const calls = callsOf(setup).slice(before)
  return views.map((view) => ({ view, calls }))
}

/** Whether the fault was met. Refused connections cannot be observed, so they always count as met. */
function isMet({ sim }: CaseSetup): boolean {
  const rules = sim.faults.list()
  return (
    rules.length === 0 || rules.some(({ appliedCount, fault }) => appliedCount > 0 || fault.kind === 'refuse')
  )
}

/** Measures how long after the end of all faults a request is answered. */
async function recover(setup: CaseSetup, limitMs: number): Promise<number | undefined> {
  const { sim } = setup
  sim.faults.clear()
  sim.settings.update({ replyTokens: 16, eventMs: 1 })
  await sim.ready()
  const since = Date.now()
  for (;;) {
    const left = Math.max(limitMs - (Date.now() - since), 100)
    const [found] = await requestAtOnce(setup, left, 1)
    if (found !== undefined && isAnswer(found, setup)) return Date.now() - since
    if (Date.now() - since >= limitMs) return undefined
    await delay(recoveryPollMs)
  }
}
