import type { Runtime } from '../runtime/runtime.js'
import { FanOutPart } from './fan-out-part.js'
import type { FanOutRequest, PartAnswer } from './fan-out-request.js'
import { forEachLimited } from './for-each-limited.js'
import {
  type AccountList,
  type Entry,
  idOf,
  type ListPage,
  listQuery,
  pagePath,
  readPage,
} from './merged-list.js'

/** Accounts asked at the same time. */
const width = 8
/** An account that takes longer is left out. */
const accountTimeMs = 15_000
/** Pages read of one account to find where a client's page goes on. */
const pageLimit = 20
/** Bytes of all answers together; accounts beyond it are left out. */
const totalLimit = 64 * 1024 * 1024

/** The lists of several accounts. */
export interface Gathered {
  /** In the order of the accounts. */
  readonly lists: readonly AccountList[]
  /** An answer whose shape the merged one has; null when no account gave one. */
  readonly template: ListPage | null
  /** What the accounts said that gave no list. */
  readonly failures: readonly PartAnswer[]
}

/** Asks every account for its list. */
export async function gather(
  request: FanOutRequest,
  accounts: readonly string[],
  runtime: Pick<Runtime, 'setTimer' | 'clearTimer'>,
): Promise<Gathered> {
  const results: (AccountList | null)[] = accounts.map(() => null)
  const failures: PartAnswer[] = []
  let template: ListPage | null = null
  let size = 0
  await forEachLimited(accounts, width, async (account, index) => {
    if (request.isAborted) return
    const entries: Entry[] = []
    for await (const read of pagesOf(request, account, runtime)) {
      size += read.said.reply?.body.length ?? 0
      const { page } = read
      if (page === null || size > totalLimit) {
        failures.push(read.said)
        results[index] = null
        return
      }
      template ??= page
      for (const entry of page.entries) entries.push(entry)
      results[index] = { account, entries, hasMore: page.hasMore }
    }
  })
  return { lists: results.filter((list) => list !== null), template, failures }
}

/**
 * The pages of one account. From the beginning one is enough, for no more of it can come into the client's page;
 * behind another account's entry the place is only found by reading up to it.
 */
async function* pagesOf(
  request: FanOutRequest,
  account: string,
  { setTimer, clearTimer }: Pick<Runtime, 'setTimer' | 'clearTimer'>,
): AsyncGenerator<{ said: PartAnswer; page: ListPage | null }> {
  const { path } = request.call
  const isFirst = listQuery(path).after === null
  let question = new FanOutPart()
  let isLate = false
  const timer = setTimer(() => {
    isLate = true
    question.abort()
  }, accountTimeMs)
  try {
    let next: string | null = isFirst ? path : pagePath(path, null)
    for (let count = 0; next !== null && count < pageLimit; count++) {
      question = new FanOutPart()
      if (isLate) question.abort()
      const said: PartAnswer = await request.ask(question, account, next)
      const page = said.report.outcome === 'success' ? readPage(jsonOf(said)) : null
      yield { said, page }
      const last = page === null || isFirst || !page.hasMore ? null : idOf(page.entries.at(-1))
      next = last === null ? null : pagePath(path, last)
    }
  } finally {
    clearTimer(timer)
  }
}

function jsonOf({ reply }: PartAnswer): unknown {
  try {
    return JSON.parse(reply?.body.toString() ?? '')
  } catch {
    return undefined
  }
}
