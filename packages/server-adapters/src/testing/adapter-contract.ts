import { describe } from 'vitest'
import type { StartApp } from './app.js'
import { bodiesContract } from './bodies-contract.js'
import { mountingContract } from './mounting-contract.js'
import { refusalsContract } from './refusals-contract.js'
import { relayingContract } from './relaying-contract.js'
import { streamingContract } from './streaming-contract.js'

/** What every adapter must do. Each is run against a real server of its framework and the simulator as upstream. */
export function adapterContract(name: string, start: StartApp): void {
  describe(name, () => {
    relayingContract(start)
    bodiesContract(start)
    streamingContract(start)
    refusalsContract(start)
    mountingContract(start)
  })
}
