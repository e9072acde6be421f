import { isJson, type Json, mergeDelta } from './merge-deltas.js'

/** Puts the events of a stream of Anthropic's messages together to the reply that would have come without a stream. */
export class MessageAssembly {
  #message: Json = {}
  readonly #blocks = new Map<unknown, Json>()
  /** The JSON of each block's input as far as it has come. */
  readonly #inputs = new Map<unknown, string>()

  push(event: Json): void {
    const { type, message, index, content_block, delta } = event
    if (type === 'message_start' && isJson(message)) this.#message = { ...message }
    else if (type === 'content_block_start' && isJson(content_block))
      this.#blocks.set(index, { ...content_block })
    else if (type === 'content_block_delta' && isJson(delta)) this.#mergeBlock(index, delta)
    else if (type === 'message_delta') this.#mergeMessage(event)
  }

  reply(): Json {
    const blocks = Array.from(this.#blocks, ([index, block]) => this.#finished(index, block))
    const { usage, ...rest } = this.#message
    const given = Array.isArray(rest.content) ? rest.content : []
    return { ...rest, content: [...given, ...blocks], ...(usage === undefined ? {} : { usage }) }
  }

  #mergeBlock(index: unknown, { type, ...delta }: Json): void {
    const block = this.#blocks.get(index) ?? {}
    this.#blocks.set(index, block)
    if (type === 'input_json_delta')
      this.#inputs.set(index, (this.#inputs.get(index) ?? '') + String(delta.partial_json ?? ''))
    // A signature comes whole, and one citation at a time.
    else if (type === 'signature_delta') Object.assign(block, delta)
    else if (type === 'citations_delta') mergeDelta(block, { citations: [delta.citation] })
    else mergeDelta(block, delta)
  }

  #mergeMessage({ type: _type, delta, usage, ...more }: Json): void {
    const known = isJson(this.#message.usage) ? this.#message.usage : {}
    const latest = isJson(usage) ? Object.entries(usage).filter(([, value]) => value !== null) : []
    const merged = { ...known, ...Object.fromEntries(latest) }
    this.#message = { ...this.#message, ...more, ...(isJson(delta) ? delta : {}) }
    if (isJson(usage) || isJson(this.#message.usage)) this.#message.usage = merged
  }

  #finished(index: unknown, block: Json): Json {
    const json = this.#inputs.get(index)
    return json === undefined || json === '' ? block : { ...block, input: parsed(json) }
  }
}

/** What a model wrote wrongly is handed on as it is rather than lost. */
function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}
