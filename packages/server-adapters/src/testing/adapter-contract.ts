import { describe } from 'vitest'
import type { StartApp } from './app.js'
import { bodiesContract } from './bodies-contract.js'
import { mountingContract } from './mounting-contract.js'
import { pipeliningContract } from './pipelining-contract.js'
import { refusalsContract } from './refusals-contract.js'
import { relayingContract } from './relaying-contract.js'
import { stallingContract } from './stalling-contract.js'
import { streamingContract } from './streaming-contract.js'

/** Tests what every adapter must do, on a real server of its framework with the simulator as upstream. */
export function adapterContract(name: string, start: StartApp): void {
  describe(name, () => {
    relayingContract(start)
    bodiesContract(start)
    streamingContract(start)
    refusalsContract(start)
    mountingContract(start)
    pipeliningContract(start)
    stallingContract(start)
  })
}
