import type { OfferedModel } from '../catalogue/catalogue.js'
import { noUsage, type Usage } from '../catalogue/price.js'
import { type Account, type LedgerEntry, type MoneyKind, moneyKinds } from './account.js'
import { formatMoney, type Money } from './money.js'

/** A call to bill. */
export interface Bill {
  requestId: string
  key: string
  model: OfferedModel
  /** The model id in the request. */
  modelId: string
  usage: Partial<Usage>
  now: number
  isChargeOnly: boolean
  /** Whether the call costs half, as in a batch. */
  isHalfPrice?: boolean
}

/** Whether the account has any money to spend. It may be less than the cost of the call. */
export function hasFunds({ money }: Account, isChargeOnly: boolean): boolean {
  return isChargeOnly ? money.charged > 0n : money.voucher + money.gift + money.charged > 0n
}

/** Deducts the cost of a call from the account and writes it into the ledger. Recharged money may go below zero. */
export function charge(account: Account, bill: Bill): void {
  const full = bill.model.pricing({ ...noUsage, ...bill.usage }, bill.now)
  const cost = bill.isHalfPrice === true ? full / 2n : full
  account.spent += cost
  const paidFrom = spend(account, cost, bill.isChargeOnly)
  const entry: LedgerEntry = {
    at: bill.now,
    requestId: bill.requestId,
    key: bill.key,
    model: bill.modelId,
    usage: bill.usage,
    cost: formatMoney(cost),
    paidFrom,
  }
  account.ledger.append(entry)
}

function spend(account: Account, cost: Money, isChargeOnly: boolean): LedgerEntry['paidFrom'] {
  const paid: Partial<Record<MoneyKind, Money>> = {}
  let due = cost
  for (const kind of isChargeOnly ? [] : moneyKinds) {
    const available = account.money[kind]
    if (due === 0n || available <= 0n) continue
    const isEnough = available >= due
    const part = isEnough ? due : available
    account.money[kind] -= part
    due -= part
    paid[kind] = part
  }
  if (due > 0n) {
    account.money.charged -= due
    paid.charged = (paid.charged ?? 0n) + due
  }
  return Object.fromEntries(Object.entries(paid).map(([kind, part]) => [kind, formatMoney(part)]))
}
