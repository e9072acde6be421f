import type { Runtime } from '../runtime/runtime.js'
import { Question } from './fan-out-part.js'
import type { JointRequest, Said } from './fan-out-request.js'
import { eachAtOnce } from './for-each-limited.js'
import {
  type AccountList,
  type Entry,
  idOf,
  listQuery,
  type Page,
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
  readonly template: Page | null
  /** What the accounts said that gave no list. */
  readonly failures: readonly Said[]
}

/** Asks every account for its list. */
export async function gather(
  request: JointRequest,
  accounts: readonly string[],
  runtime: Pick<Runtime, 'setTimer' | 'clearTimer'>,
): Promise<Gathered> {
  const results: (AccountList | null)[] = accounts.map(() => null)
  const failures: Said[] = []
  let template: Page | null = null
  let size = 0
  await eachAtOnce(accounts, width, async (account, index) => {
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
  request: JointRequest,
  account: string,
  { setTimer, clearTimer }: Pick<Runtime, 'setTimer' | 'clearTimer'>,
): AsyncGenerator<{ said: Said; page: Page | null }> {
  const { path } = request.call
  const isFirst = listQuery(path).after === null
  let question = new Question()
  let isLate = false
  const timer = setTimer(() => {
    isLate = true
    question.abort()
  }, accountTimeMs)
  try {
    let next: string | null = isFirst ? path : pagePath(path, null)
    for (let count = 0; next !== null && count < pageLimit; count++) {
      question = new Question()
      if (isLate) question.abort()
      const said: Said = await request.ask(question, account, next)
      const page = said.report.outcome === 'success' ? readPage(jsonOf(said)) : null
      yield { said, page }
      const last = page === null || isFirst || !page.hasMore ? null : idOf(page.entries.at(-1))
      next = last === null ? null : pagePath(path, last)
    }
  } finally {
    clearTimer(timer)
  }
}

function jsonOf({ reply }: Said): unknown {
  try {
    return JSON.parse(reply?.body.toString() ?? '')
  } catch {
    return undefined
  }
}
