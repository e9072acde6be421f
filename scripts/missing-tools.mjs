/** Says which programs are missing, how to install them, and what was therefore not tested. */
import { findTool } from '../bench/measure/tools.mjs'

const tools = {
  wrk: 'the load generator of the benches',
  taskset: 'bench programs on cores of their own',
  nginx: 'the nginx row of the benches',
}

for (const [name, untested] of Object.entries(tools)) {
  try {
    findTool(name)
  } catch (error) {
    console.log(`NOT TESTED: ${untested}; ${error.message}`)
  }
}
