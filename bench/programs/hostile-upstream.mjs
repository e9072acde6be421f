// @ts-check
import { createHostileUpstream } from '../fixtures/hostile-upstream.mjs'

const [port] = process.argv.slice(2)
createHostileUpstream().listen(Number(port), '127.0.0.1')
