import type { OfferedModel } from '../catalogue/catalogue.js'
import { noUsage, type Usage } from '../catalogue/price.js'
import { type Account, type LedgerEntry, type MoneyKind, moneyKinds } from './account.js'
import { formatMoney, type Money } from './money.js'

/** A call to be billed. */
export interface Bill {
  requestId: string
  key: string
  model: OfferedModel
  /** The id that was asked for. */
  modelId: string
  usage: Partial<Usage>
  now: number
  isChargeOnly: boolean
  /** Batches cost half. */
  isHalfPrice?: boolean
}

/** Whether the account may spend at all; what it has may be less than the call will cost. */
export function hasFunds({ money }: Account, isChargeOnly: boolean): boolean {
  return isChargeOnly ? money.charged > 0n : money.voucher + money.gift + money.charged > 0n
}

/** Takes the price of a call from the account and writes it into its ledger. Recharged money may go below zero. */
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
