import type { KeyPoolError } from '../../errors.js'
import { headerValue } from '../../wire/headers.js'
import { HeldBytes } from '../../wire/held-bytes.js'
import { isRecord, parseJson } from '../../wire/json.js'
import { jsonHeaders } from '../answer/body-headers.js'
import type { Flow, Sink } from '../client/sink.js'
import type { Call } from '../request/call.js'

/** The longest list of models that is changed, in bytes; a longer one is passed on as it comes. */
const holdLimit = 4 * 1024 * 1024

/** Whether a call asks for the list of models. */
export const listsModels = ({ method, path }: Call): boolean =>
  method === 'GET' && (path === '/models' || path.startsWith('/models?'))

/** Adds aliases to a list of models on its way to the client, each behind the model that it stands for. */
export function aliasSink(sink: Sink, aliases: ReadonlyMap<string, string>): Sink {
  return new AliasSink(sink, aliases)
}

class AliasSink implements Sink {
  readonly #sink: Sink
  readonly #aliases: ReadonlyMap<string, string>
  readonly #held = new HeldBytes()
  #head: { readonly status: number; readonly headers: readonly string[] } | null = null

  constructor(sink: Sink, aliases: ReadonlyMap<string, string>) {
    this.#sink = sink
    this.#aliases = aliases
  }

  attach(flow: Flow): void {
    this.#sink.attach(flow)
  }

  head(status: number, headers: readonly string[]): void {
    if (status === 200 && headerValue(headers, 'content-encoding') === undefined)
      this.#head = { status, headers }
    else this.#sink.head(status, headers)
  }

  data(chunk: Uint8Array): boolean {
    if (this.#head === null) return this.#sink.data(chunk)
    this.#held.add(Buffer.from(chunk))
    return this.#held.size <= holdLimit || this.#passOn(this.#head)
  }

  end(chunk?: Uint8Array): void {
    if (this.#head === null) return this.#sink.end(chunk)
    if (chunk !== undefined) this.#held.add(Buffer.from(chunk))
    const { status, headers } = this.#head
    const body = this.#held.take()
    const longer = listWith(body, this.#aliases)
    this.#sink.head(status, longer === null ? headers : jsonHeaders(headers, longer.length))
    this.#sink.end(longer ?? body)
  }

  fail(error: KeyPoolError): void {
    if (this.#head !== null) this.#passOn(this.#head)
    this.#sink.fail(error)
  }

  #passOn({ status, headers }: { status: number; headers: readonly string[] }): boolean {
    this.#head = null
    this.#sink.head(status, headers)
    return this.#sink.data(this.#held.take())
  }
}

/** The list with its aliases; null when the body is not a list of models, or no listed model has an alias. */
function listWith(body: Buffer, aliases: ReadonlyMap<string, string>): Buffer | null {
  const list = parseJson(body.toString())
  if (!isRecord(list) || !Array.isArray(list.data)) return null
  const models: unknown[] = list.data
  const known = new Set(models.map(idOf))
  const data = models.flatMap((model) => [
    model,
    ...Array.from(aliases)
      .filter(([alias, target]) => target === idOf(model) && !known.has(alias))
      .map(([alias]) => ({ ...(model as object), id: alias })),
  ])
  return data.length === models.length ? null : Buffer.from(JSON.stringify({ ...list, data }))
}

const idOf = (model: unknown): unknown => (isRecord(model) ? model.id : undefined)
