import { isRecord, type JsonObject, parseJson } from '../wire/json.js'
import { mergeDelta } from './merge-delta.js'

/** Assembles the events of an Anthropic message stream into the reply that would have come without a stream. */
export class MessageAssembly {
  #message: JsonObject = {}
  readonly #blocks = new Map<unknown, JsonObject>()
  /** The JSON of each block's input, as much of it as has come. */
  readonly #inputs = new Map<unknown, string>()

  push(event: JsonObject): void {
    const { type, message, index, content_block, delta } = event
    if (type === 'message_start' && isRecord(message)) this.#message = { ...message }
    else if (type === 'content_block_start' && isRecord(content_block))
      this.#blocks.set(index, { ...content_block })
    else if (type === 'content_block_delta' && isRecord(delta)) this.#mergeBlock(index, delta)
    else if (type === 'message_delta') this.#mergeMessage(event)
  }

  reply(): JsonObject {
    const blocks = Array.from(this.#blocks, ([index, block]) => this.#finished(index, block))
    const { usage, ...message } = this.#message
    const given = Array.isArray(message.content) ? message.content : []
    return { ...message, content: [...given, ...blocks], ...(usage === undefined ? {} : { usage }) }
  }

  #mergeBlock(index: unknown, { type, ...delta }: JsonObject): void {
    const block = this.#blocks.get(index) ?? {}
    this.#blocks.set(index, block)
    if (type === 'input_json_delta')
      this.#inputs.set(index, (this.#inputs.get(index) ?? '') + String(delta.partial_json ?? ''))
    // A signature comes whole, and citations come one at a time.
    else if (type === 'signature_delta') Object.assign(block, delta)
    else if (type === 'citations_delta') mergeDelta(block, { citations: [delta.citation] })
    else mergeDelta(block, delta)
  }

  #mergeMessage({ type: _type, delta, usage, ...more }: JsonObject): void {
    const known = isRecord(this.#message.usage) ? this.#message.usage : {}
    const latest = isRecord(usage) ? Object.entries(usage).filter(([, value]) => value !== null) : []
    const merged = { ...known, ...Object.fromEntries(latest) }
    this.#message = { ...this.#message, ...more, ...(isRecord(delta) ? delta : {}) }
    if (isRecord(usage) || isRecord(this.#message.usage)) this.#message.usage = merged
  }

  #finished(index: unknown, block: JsonObject): JsonObject {
    const json = this.#inputs.get(index)
    return json === undefined || json === '' ? block : { ...block, input: parsedInput(json) }
  }
}

/** The value of a block's input, or the text itself when the model did not write JSON, so that nothing is lost. */
function parsedInput(json: string): unknown {
  const value = parseJson(json)
  return value === undefined ? json : value
}
