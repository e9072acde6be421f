// @ts-check
import { SoakLoad } from '../measure/soak-load.mjs'

const report = await new SoakLoad(JSON.parse(process.argv[2] ?? '{}')).run()
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0))
