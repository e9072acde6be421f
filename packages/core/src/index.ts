export type { BalanceTrend, PoolMoney } from './billing/billing.js'
export type { PoolBalance } from './billing/pool-balance.js'
export type { UsageDimension, UsageQuery } from './billing/usage-query.js'
export type { UsageReport, UsageRow } from './billing/usage-report.js'
export type { BalanceOptions } from './check/balance-refresh.js'
export type { BatchOptions } from './check/batch/run-batch.js'
export type { CheckOptions } from './check/check-options.js'
export type { ProbeName } from './check/probe/checker.js'
export type { Ruling, UnknownCause } from './check/probe/ruling.js'
export type { CheckScheduleOptions } from './check/schedule/check-schedule.js'
export type { Verdict, VerdictKind } from './check/verdict.js'
export { ByteBudget } from './collections/byte-budget.js'
export { ConfigError, type ErrorCode, type ErrorDetails, KeyPoolError } from './errors.js'
export type { PoolEvents } from './events.js'
export type { HistoryOptions } from './history/history-options.js'
export type {
  HistoryBatch,
  HistoryBlock,
  HistoryDimension,
  HistoryRange,
} from './history/stored-history.js'
export type { StoredQuota } from './key/account.js'
export type { Health } from './key/account-health.js'
export type { Cooldown, CooldownReason } from './key/cooldown.js'
export { fingerprint } from './key/fingerprint.js'
export type { KeyInput } from './key/key.js'
export type { KeyHealth, KeyTrouble } from './key/key-health.js'
export type { BalanceView, KeyStatus, KeyView } from './key/key-view.js'
export type { KeyFilter } from './key-set/key-filter.js'
export type { KeyChanges } from './key-set/key-input.js'
export type { AddReport, ExportedKey, KeySet } from './key-set/key-set.js'
export { parseKeys } from './key-text/parse-keys.js'
export type { ParsedKey, ParsedKeys, RejectedText } from './key-text/parsed-keys.js'
export { readKeys } from './key-text/read-keys.js'
export type { HealthOptions } from './keyring/health-options.js'
export type { Lease, SeenAnswer } from './lease/lease.js'
export type { QueueOptions } from './lease/lease-options.js'
export type { LeaseRequest } from './lease/lease-request.js'
export type { Concurrency } from './limit/concurrency.js'
export type { LimitOptions } from './limit/limit-options.js'
export type { Limits } from './limit/meters.js'
export type { PacingLimits } from './limit/pacing.js'
export type { QuotaSnapshot } from './limit/quota.js'
export { maskToken } from './mask.js'
export type { Balance } from './money/balance.js'
export type { FundsText } from './money/balance-estimate.js'
export { formatMoney } from './money/decimal.js'
export type { LackingFunds } from './money/funds.js'
export type { MinBalance } from './money/min-balance.js'
export type { Meter } from './outcome/meter.js'
export type { Fault, Outcome, OutcomeKind } from './outcome/outcome.js'
export type { RequestLogOptions } from './persistence/request-log-options.js'
export type { PoolRequests } from './persistence/request-writer.js'
export type { StoreFault } from './persistence/store-faults.js'
export type { PolicyOptions } from './policy.js'
export { KeyPool } from './pool.js'
export type { PoolOptions } from './pool-options.js'
export type { Consumption } from './price/consumption.js'
export type { Cost, PriceBook } from './price/price-book.js'
export {
  checkPriceList,
  type ModelPrice,
  type PriceLine,
  type PriceList,
  type SitePrices,
} from './price/price-list.js'
export { type PricingItem, readPricingItems } from './price/read-pricing-items.js'
export { siliconflowPrices } from './price/siliconflow-prices.js'
export type { BalanceFacts, BalanceFields, BalanceReading } from './provider/balance-facts.js'
export { deepseek } from './provider/deepseek.js'
export { type GenericOptions, generic } from './provider/generic.js'
export { normalizeBaseURL } from './provider/normalize-base-url.js'
export { openai } from './provider/openai.js'
export type {
  Answer,
  ChatProbe,
  ModelFacts,
  Provider,
  Restriction,
  Route,
} from './provider/provider.js'
export type { ProviderName } from './provider/recognize-provider.js'
export { type SiliconFlowOptions, siliconflow } from './provider/siliconflow.js'
export type { TimeoutOptions, Timeouts } from './relay/attempt/timeouts.js'
export { nodeSink } from './relay/client/node-sink.js'
export type { Flow, Sink } from './relay/client/sink.js'
export { webSink } from './relay/client/web-sink.js'
export type { RetryBudgetOptions } from './relay/failover/retry-budget.js'
export type { HedgingOptions } from './relay/hedge/hedging.js'
export type { FallbackCause } from './relay/model/fallback-cause.js'
export type { ModelList, ModelOptions } from './relay/model/model-options.js'
export type { AttemptReport, RelayReport, RequestCost } from './relay/report.js'
export type { Body } from './relay/request/body.js'
export { type Call, type CallInput, createCall } from './relay/request/call.js'
export type { SessionOptions } from './relay/request/session-options.js'
export type { StreamForm } from './relay/request/stream-form.js'
export type { SmoothOptions, StreamOptions } from './relay/request/stream-options.js'
export { type Runtime, systemRuntime, type Timer } from './runtime/runtime.js'
export type { ExplainedKey, Explanation } from './selection/explain.js'
export type { KeyMode, ModelRule, Rules, StrategyChoice } from './selection/rules.js'
export type { FiguresReport, HistoryFigures, LatencyFigures } from './stats/history-figures.js'
export type { HistoryMetric, HistoryPeriod, HistoryQuery, Percentile } from './stats/history-query.js'
export type { HistoryReport, HistorySeries, HistoryValue } from './stats/history-series.js'
export type { PoolRates } from './stats/pool-history.js'
export type { PoolStats } from './stats/pool-stats.js'
export type { ModelCounts, TokenCounts } from './stats/request-counters.js'
export { defaultUpstream } from './store/default-upstream.js'
export { type MemoryStoreOptions, memoryStore } from './store/memory/memory-store.js'
export type {
  JournalEntry,
  JournalInput,
  JournalPage,
  JournalQuery,
  Json,
  RecordBatch,
  RecordInput,
  RecordPage,
  RecordQuery,
  RecordRemoval,
  Records,
  StoredRecord,
} from './store/records.js'
export { recordsOf } from './store/records-of.js'
export type {
  Snapshot,
  Store,
  StoredAccountState,
  StoredKey,
  StoredKeyState,
  StoredOwner,
} from './store/store.js'
export type { StoreListener, StoreNews } from './store/store-news.js'
export type {
  RequestBatch,
  RequestFilter,
  RequestKeep,
  RequestPage,
  RequestQuery,
  StoredAttempt,
  StoredRequest,
} from './store/stored-request.js'
export type {
  SpentOfAccount,
  StoredBalance,
  StoredUsage,
  UsageBatch,
  UsageBook,
  UsageRange,
  UsageSums,
} from './store/stored-usage.js'
export { type StrategyName, type StrategySettings, strategyNames } from './strategy/named.js'
export type { Candidate, EndedPick, PickRequest, Strategy } from './strategy/strategy.js'
export { noProxyIn, type ProxyOptions, proxyFromEnvironment } from './transport/proxy-options.js'
export type {
  Transport,
  TransportControl,
  TransportHandler,
  TransportRequest,
} from './transport/transport.js'
export { type UndiciOptions, undiciTransport } from './transport/undici-transport.js'
export type { Usage } from './usage/usage.js'
