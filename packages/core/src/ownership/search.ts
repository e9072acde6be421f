import type { Sink } from '../relay/client/sink.js'
import type { RelayReport } from '../relay/report.js'
import { FanOutPart } from './fan-out-part.js'
import type { FanOutRequest, PartAnswer } from './fan-out-request.js'
import { forEachLimited } from './for-each-limited.js'

/** Accounts asked at the same time: few, because all requests but one are in vain. */
const width = 4

/** Statuses by which an account denies that it knows the resource. */
const unknownStatuses: ReadonlySet<number> = new Set([400, 403, 404])

export interface SearchResult {
  readonly report: RelayReport
  /** The account that owns the resource; null when none was found. */
  readonly account: string | null
}

/**
 * Asks one account after the other for a resource of unknown owner, until one knows it; that answer goes to the client
 * as it comes. When none knows it, the client gets the answer of an account that could not be asked, for that may be
 * the owner, and else a denial.
 */
export async function search(request: FanOutRequest, accounts: readonly string[]): Promise<SearchResult> {
  const found: PartAnswer[] = []
  const failures: PartAnswer[] = []
  const denials: PartAnswer[] = []
  await forEachLimited(accounts, width, async (account) => {
    if (request.isForwarding || request.isAborted) return
    let isOwner = false
    const part: FanOutPart = new FanOutPart((status, headers): Sink | null => {
      if (status >= 400 || request.isForwarding || request.isAborted) return null
      isOwner = true
      return request.forward(part, status, headers)
    })
    const answer = await request.ask(part, account)
    if (isOwner) found.push(answer)
    else if (isDenial(answer)) denials.push(answer)
    else failures.push(answer)
  })
  const [owner] = found
  if (owner !== undefined) {
    const { outcome, status, error } = owner.report
    return { report: request.report(outcome, status, error), account: owner.account }
  }
  // A failure with an answer comes first: others may be broken connections.
  const last = failures.find(({ reply }) => reply !== null) ?? failures[0] ?? denials.at(-1)
  if (last === undefined) return { report: request.report('aborted', 499), account: null }
  return { report: request.answerWith(last), account: null }
}

const isDenial = ({ report, reply }: PartAnswer): boolean =>
  report.error === null && reply !== null && unknownStatuses.has(reply.status)
