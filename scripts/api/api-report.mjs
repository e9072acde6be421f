import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor'

/**
 * Describes the public surface of a package's entry points from its built declarations: one text for each of `entries`
 * (`{ name, types }`). It lists what users can name, not where in `src` that is declared.
 */
export function apiReports({ packageName, folder, temporaryFolder, entries }) {
  mkdirSync(temporaryFolder, { recursive: true })
  const configs = entries.map((entry) => configOf({ folder, temporaryFolder, entry }))
  const compilerState = CompilerState.create(configs[0], {
    additionalEntryPoints: entries.map(({ types }) => types),
  })
  return entries.map(({ name }, index) => {
    Extractor.invoke(configs[index], { compilerState, localBuild: true, messageCallback: failOnError })
    const { fileName } = configs[index].reportConfigs[0]
    const report = readFileSync(join(temporaryFolder, fileName), 'utf8')
    const specifier = name === 'index' ? packageName : `${packageName}/${name}`
    return {
      name,
      text: `# Public surface of ${specifier}\n\n${note}\n\n\`\`\`ts\n${surfaceOf(report)}\n\`\`\`\n`,
    }
  })
}

const note = `Made by \`npm run api:update\` from the built declarations. A change of this file is a change of what users see.`

function configOf({ folder, temporaryFolder, entry }) {
  return ExtractorConfig.prepare({
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: entry.types,
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json') },
      apiReport: {
        enabled: true,
        // Types that are reachable without being exported belong to the surface, too.
        includeForgottenExports: true,
        // Leaves out declarations tagged @internal.
        reportVariants: ['public'],
        reportFileName: `${entry.name}.md`,
        reportFolder: temporaryFolder,
        reportTempFolder: join(temporaryFolder, 'new'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
  })
}

function failOnError(message) {
  message.handled = true
  if (message.logLevel === 'error') throw new Error(message.formatMessageWithLocation(process.cwd()))
}

/** Members that only the pool itself uses, although they have no @internal tag. */
const untaggedInternals = { KeySet: ['constructor'], Lease: ['constructor', 'static turnOf'] }

/** Returns the declarations of an API Extractor report, without those that only internal members refer to. */
function surfaceOf(report) {
  const code = report.slice(report.indexOf('```ts\n') + 6, report.lastIndexOf('```'))
  const blocks = code
    .replaceAll(/^ *\/\/ \((undocumented|No @packageDocumentation.*)\)\n/gm, '')
    .replaceAll(' (undocumented)', '')
    .replaceAll(/^\/\/ @public\n/gm, '')
    .split('\n\n')
    .map((block) => withoutInternals(block.trim()))
    .filter((block) => block !== '')
  const kept = reachable(blocks.filter((block) => !block.startsWith('import ')))
  const imports = blocks.filter((block) => block.startsWith('import ')).flatMap((block) => block.split('\n'))
  const used = new Set(kept.flatMap(identifiersOf))
  const usedImports = imports.filter((line) =>
    identifiersOf(line.replace(/ from .*/, '')).some((name) => used.has(name)),
  )
  return [usedImports.join('\n'), ...kept].filter((block) => block !== '').join('\n\n')
}

function withoutInternals(block) {
  const members = untaggedInternals[nameOf(block)] ?? []
  const isInternal = (line) => members.some((member) => line.startsWith(`    ${member}(`))
  return block
    .split('\n')
    .filter((line) => !isInternal(line))
    .join('\n')
}

/** Returns exported declarations and those that they name, directly or indirectly. */
function reachable(blocks) {
  const isExported = (block) => /^export /m.test(block)
  const kept = new Set(blocks.filter(isExported))
  for (const block of kept) {
    const names = new Set(identifiersOf(block))
    for (const other of blocks) if (names.has(nameOf(other))) kept.add(other)
  }
  return blocks.filter((block) => kept.has(block))
}

const declaration =
  /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:class|interface|type|function|const|enum|namespace) (\w+)/m

function nameOf(block) {
  return declaration.exec(block)?.[1]
}

function identifiersOf(code) {
  return code.match(/\b[A-Za-z_$][\w$]*\b/g) ?? []
}
