import type { Sink } from '../client/sink.js'
import type { RelayReport } from '../report.js'
import type { Call } from '../request/call.js'
import { type Bound, unbound } from '../request/call-key-request.js'
import type { RelayParts } from './relay-parts.js'
import { RunningRequest } from './running-request.js'

/**
 * The only retry loop: takes a lease, makes one attempt, settles it, and goes round again while nothing has reached
 * the client and another key, or another model that stands in, may do better. Never rejects.
 */
export async function failover(
  call: Call,
  client: Sink,
  parts: RelayParts,
  bound: Bound = unbound,
): Promise<RelayReport> {
  const request = new RunningRequest({ call, sink: client, parts, bound })
  for (;;) {
    if (request.isAborted) return request.reportAbort()
    const taken = request.take()
    const lease = taken instanceof Promise ? await request.wait(taken) : taken
    if (!('settle' in lease)) {
      const failure = request.failureOf(lease)
      if (request.fallBack(failure)) continue
      return request.answer(failure)
    }
    if (request.isAborted) return request.giveBack(lease)
    const race = request.raceFor(lease)
    if (race === null) request.end(lease, await request.begin(lease).run())
    else await race.run(lease)
    const { result } = request
    if (result.isDelivered) return request.report(result)
    if (!request.mayGoOn(result) && !request.fallBack({ result })) return request.answer({ result })
  }
}
