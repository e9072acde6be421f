import type { Sink } from '../client/sink.js'
import type { RelayReport } from '../report.js'
import type { Call } from '../request/call.js'
import { type Bound, unbound } from '../request/call-key-request.js'
import type { RelayParts } from './relay-parts.js'
import { RunningRequest } from './running-request.js'

/**
 * The only retry loop: takes a grant, makes one attempt, settles it, and goes round again while nothing has reached
 * the client and another key, or another model that stands in, may do better. Never rejects.
 */
export async function failover(
  call: Call,
  client: Sink,
  parts: RelayParts,
  bound: Bound = unbound,
): Promise<RelayReport> {
  const request = new RunningRequest({ call, sink: client, parts, bound })
  try {
    return await untilDone(request)
  } catch (cause) {
    // A rejection that nobody awaits would end the process, and all other requests with it.
    return request.answerFault(cause)
  }
}

async function untilDone(request: RunningRequest): Promise<RelayReport> {
  for (;;) {
    if (request.isAborted) return request.reportAbort()
    const taken = request.take()
    const granted = taken instanceof Promise ? await request.wait(taken) : taken
    if (granted.kind === 'refusal') {
      const failure = request.failureOf(granted)
      if (request.fallBack(failure)) continue
      return request.answer(failure)
    }
    if (request.isAborted) return request.giveBack(granted)
    const race = request.raceFor(granted)
    if (race === null) request.end(granted, await request.begin(granted).run())
    else await race.run(granted)
    const { result } = request
    if (result.isDelivered) return request.report(result)
    const failure = { kind: 'result', result } as const
    if (!request.mayGoOn(result) && !request.fallBack(failure)) return request.answer(failure)
  }
}
