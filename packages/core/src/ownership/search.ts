import type { Sink } from '../relay/client/sink.js'
import type { RelayReport } from '../relay/report.js'
import { FanOutPart } from './fan-out-part.js'
import type { FanOutRequest, PartAnswer } from './fan-out-request.js'
import { forEachLimited } from './for-each-limited.js'

/** Accounts asked at the same time: few, because all but one are asked for nothing. */
const width = 4

/** Statuses by which an account says that it knows no such thing. */
const unknownStatuses: ReadonlySet<number> = new Set([400, 403, 404])

/** What became of a search, and which account had what was searched for. */
export interface Found {
  readonly report: RelayReport
  readonly account: string | null
}

/**
 * Puts a question about something of unknown owner to one account after the other, until one knows it; that answer
 * goes to the client as it comes. When none does, the client hears why: an account that could not be asked may be the
 * owner, so its word comes before "there is no such thing".
 */
export async function search(request: FanOutRequest, accounts: readonly string[]): Promise<Found> {
  const found: PartAnswer[] = []
  const doubts: PartAnswer[] = []
  const denials: PartAnswer[] = []
  await forEachLimited(accounts, width, async (account) => {
    if (request.isTaken || request.isAborted) return
    let isOwner = false
    const question: FanOutPart = new FanOutPart((status, headers): Sink | null => {
      if (status >= 400 || request.isTaken || request.isAborted) return null
      isOwner = true
      return request.take(question, status, headers)
    })
    const said = await request.ask(question, account)
    if (isOwner) found.push(said)
    else if (isDenial(said)) denials.push(said)
    else doubts.push(said)
  })
  const [owner] = found
  if (owner !== undefined) {
    const { outcome, status, error } = owner.report
    return { report: request.report(outcome, status, error), account: owner.account }
  }
  // With an answer rather than without one: a doubt may be a connection that broke.
  const last = doubts.find(({ reply }) => reply !== null) ?? doubts[0] ?? denials.at(-1)
  if (last === undefined) return { report: request.report('aborted', 499), account: null }
  return { report: request.answerWith(last), account: null }
}

const isDenial = ({ report, reply }: PartAnswer): boolean =>
  report.error === null && reply !== null && unknownStatuses.has(reply.status)
