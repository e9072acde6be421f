// @ts-check
import { createSoakUpstream } from '../fixtures/soak-upstream.mjs'

const [port, soak = '{}'] = process.argv.slice(2)
createSoakUpstream(JSON.parse(soak)).listen(Number(port), '127.0.0.1')
