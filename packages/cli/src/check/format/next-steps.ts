import type { Colors } from '../../render/colors.js'
import { wrap } from '../../render/wrap.js'
import { type CheckResult, verdictKinds } from '../check-result.js'
import { paintVerdict, verdictText } from './check-table.js'

/** Collects the advice of all results: one line per advice, with the number of keys. */
export class NextSteps {
  readonly #steps = new Map<string, { readonly example: CheckResult; count: number }>()

  add(result: CheckResult): void {
    if (result.next === null) return
    const name = `${verdictText(result)} ${result.next}`
    const known = this.#steps.get(name)
    if (known === undefined) this.#steps.set(name, { example: result, count: 1 })
    else known.count++
  }

  /** Returns lines such as `2 exhausted  Top the account up.`, ordered by verdict and wrapped to `maxWidth` columns. */
  lines(paint: Colors, maxWidth: number | undefined): string[] {
    const steps = [...this.#steps.values()].sort(
      (one, other) => verdictKinds.indexOf(one.example.verdict) - verdictKinds.indexOf(other.example.verdict),
    )
    const heads = steps.map(
      ({ example, count }) => `${count.toLocaleString('en-US')} ${verdictText(example)}`,
    )
    const width = Math.max(0, ...heads.map(({ length }) => length))
    return steps.map(({ example }, index) => {
      const head = (heads[index] ?? '').padEnd(width)
      const painted = paintVerdict(paint, example.verdict)(head)
      return wrap(`${painted}  ${example.next}`, maxWidth, width + 2)
    })
  }
}
