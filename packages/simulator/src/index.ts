export type { AccountView, LedgerEntry, MoneyKind as Purse } from './account/account.js'
export type { AccountPatch } from './account/accounts.js'
export type { Limits, MeterName } from './account/limits.js'
export { type Demand, MeterSet, type Overflow, type TokenReservation } from './account/meters.js'
export type { WindowKind } from './account/window.js'
export type {
  Model,
  ModelQuirk,
  ModelSubType,
  ModelType,
  PriceLine,
  SiteName,
  UsageMode,
} from './catalogue/model.js'
export type { Usage } from './catalogue/price.js'
export { conformanceCases } from './conformance/cases/conformance-cases.js'
export type {
  CaseFault,
  CaseGroup,
  ClientVerdict,
  ConformanceCase,
  Expectation,
  KeyStates,
  LeavingPhase,
  PoolShape,
  QuestionName,
} from './conformance/conformance-case.js'
export type { Judgement } from './conformance/judge.js'
export {
  type Presentation,
  type PresentationOptions,
  presentConformance,
  selectCases,
} from './conformance/present-conformance.js'
export { toJUnit } from './conformance/report/junit.js'
export { renderReports } from './conformance/report/render-reports.js'
export { toJson } from './conformance/report/to-json.js'
export {
  type ConformanceOptions,
  type ConformanceReport,
  type ConformanceResult,
  runConformance,
} from './conformance/run-conformance.js'
export { type CommandTargetOptions, commandTarget } from './conformance/target/command-target.js'
export { directTarget } from './conformance/target/direct-target.js'
export {
  NotApplicableError,
  type StartedTarget,
  type Target,
  type TargetSettings,
  type TargetStart,
} from './conformance/target/target.js'
export { type UrlTargetOptions, urlTarget } from './conformance/target/url-target.js'
export type {
  AccountControl,
  Controls,
  FaultControl,
  ModelControl,
  SettingsControl,
} from './control/controls.js'
export type { ErrorClass, ErrorSample } from './errors/error-sample.js'
export { type ErrorName, errorSamples } from './errors/error-samples.js'
export type {
  AnswerFault,
  ChunksFault,
  CloseFault,
  CompressFault,
  DelayFault,
  EmptyReplyFault,
  ErrorEventFault,
  ErrorFault,
  FailedVideoFault,
  Fault,
  HangFault,
  HeadersFault,
  ModifierFault as MannerFault,
  OutcomeFault,
  Place,
  Position,
  RefuseFault,
  ResetFault,
  TruncateFault,
  Within,
} from './faults/fault.js'
export type { FaultRule, FaultRuleInput, FaultSelector } from './faults/fault-rule.js'
export type { Site } from './http/site-server.js'
export type { RecordedRequest } from './record/recorded-request.js'
export { seededRandom, type Timers } from './runtime.js'
export { demoScenario } from './scenario/demo-scenario.js'
export { fakeKey } from './scenario/fake-key.js'
export { keysOf, makeScenario, type ScenarioRecipe } from './scenario/make-scenario.js'
export { parseScenario, ScenarioError } from './scenario/parse.js'
export type { AccountInput, AccountStatus, KeyInput, MoneyInput, Scenario } from './scenario/scenario.js'
export { type ContentEncoding, defaultSettings, type Regime, type Settings } from './scenario/settings.js'
export { type Simulator, type SimulatorOptions, startSimulator } from './simulator.js'
