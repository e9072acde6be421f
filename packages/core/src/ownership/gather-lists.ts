import type { Runtime } from '../runtime/runtime.js'
import { parseJson } from '../wire/json.js'
import { FanOutPart } from './fan-out-part.js'
import type { FanOutRequest, PartAnswer } from './fan-out-request.js'
import { forEachLimited } from './for-each-limited.js'
import { type Entry, idOf, type ListPage, readPage } from './list-page.js'
import { listQuery, pagePath } from './list-query.js'
import type { AccountList } from './merge-lists.js'

/** Accounts asked at the same time. */
const width = 8
/** Time for one account; one that takes longer is left out. */
const accountTimeMs = 15_000
/** Pages read of one account to find the place where a client's page begins. */
const pageLimit = 20
/** Bytes of all answers together; accounts beyond it are left out. */
const totalLimit = 64 * 1024 * 1024

/** The lists of several accounts. */
export interface GatheredLists {
  /** In the order of the accounts. */
  readonly lists: readonly AccountList[]
  /** An answer whose shape the merged list takes; null when no account gave a list. */
  readonly template: ListPage | null
  /** The answers of accounts that gave no list. */
  readonly failures: readonly PartAnswer[]
}

/** Asks every account for its list. */
export async function gatherLists(
  request: FanOutRequest,
  accounts: readonly string[],
  runtime: Pick<Runtime, 'setTimer' | 'clearTimer'>,
): Promise<GatheredLists> {
  const results: (AccountList | null)[] = accounts.map(() => null)
  const failures: PartAnswer[] = []
  let template: ListPage | null = null
  let size = 0
  await forEachLimited(accounts, width, async (account, index) => {
    if (request.isAborted) return
    const entries: Entry[] = []
    for await (const read of pagesOf(request, account, runtime)) {
      size += read.answer.reply?.body.length ?? 0
      const { page } = read
      if (page === null || size > totalLimit) {
        failures.push(read.answer)
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
 * The pages of one account. A client's first page takes entries from the first page of each account only. The place of
 * a later one, behind an entry of another account, is only found by reading up to it.
 */
async function* pagesOf(
  request: FanOutRequest,
  account: string,
  { setTimer, clearTimer }: Pick<Runtime, 'setTimer' | 'clearTimer'>,
): AsyncGenerator<{ answer: PartAnswer; page: ListPage | null }> {
  const { path } = request.call
  const isFirst = listQuery(path).after === null
  let part = new FanOutPart()
  let isLate = false
  const timer = setTimer(() => {
    isLate = true
    part.abort()
  }, accountTimeMs)
  try {
    let next: string | null = isFirst ? path : pagePath(path, null)
    for (let count = 0; next !== null && count < pageLimit; count++) {
      part = new FanOutPart()
      if (isLate) part.abort()
      const answer: PartAnswer = await request.ask(part, account, next)
      const page =
        answer.report.outcome === 'success' ? readPage(parseJson(answer.reply?.body.toString() ?? '')) : null
      yield { answer, page }
      const last = page === null || isFirst || !page.hasMore ? null : idOf(page.entries.at(-1))
      next = last === null ? null : pagePath(path, last)
    }
  } finally {
    clearTimer(timer)
  }
}
