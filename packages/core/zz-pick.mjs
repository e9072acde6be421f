// packages/core/src/key/cooldown.ts
var second = 1e3;
var minute = 60 * second;
var hour = 60 * minute;
var day = 24 * hour;
var retryAfterCeilingMs = 30 * minute;
var backoff = {
  restricted: { firstMs: 10 * minute, ceilingMs: day },
  overload: { firstMs: 2 * second, ceilingMs: minute },
  network: { firstMs: 2 * second, ceilingMs: minute },
  timeout: { firstMs: 5 * second, ceilingMs: 2 * minute },
  truncated: { firstMs: 2 * second, ceilingMs: minute }
};
function nextCooldown(previous, { outcome, model: model3, startedAt }, context) {
  const reason = cooldownReason(outcome);
  if (reason === void 0) return void 0;
  const isLate = previous !== void 0 && startedAt <= previous.since;
  const strikes = previous === void 0 ? 1 : isLate ? previous.strikes : previous.strikes + 1;
  const lengthMs = reason === "rate-limited" ? rateLimitMs(outcome, strikes, context) : backoffMs(reason, strikes, context.jitter);
  const next = {
    model: model3,
    since: context.now,
    until: context.now + Math.ceil(lengthMs),
    reason,
    strikes,
    ...outcome.meter === void 0 ? {} : { meter: outcome.meter }
  };
  return previous !== void 0 && previous.until > context.now ? overlap(previous, next) : next;
}
function overlap(running, next) {
  const isLonger = next.until > running.until;
  const isFirmer = isSoft(running) !== isSoft(next) ? isSoft(running) : isLonger;
  if (!isLonger && !isFirmer && next.strikes === running.strikes) return running;
  const { since, strikes } = next;
  return { ...isFirmer ? next : running, since, strikes, until: Math.max(running.until, next.until) };
}
function isSoft(cooldown) {
  return cooldown.reason !== "rate-limited" && cooldown.reason !== "restricted";
}
function cooldownReason(outcome) {
  switch (outcome.kind) {
    case "rate-limited":
      return "rate-limited";
    case "rejected":
      return outcome.fault === "permission" ? "restricted" : void 0;
    case "upstream-error":
      return "overload";
    case "network-error":
      return "network";
    case "timeout":
      return "timeout";
    case "truncated":
      return "truncated";
    default:
      return void 0;
  }
}
function backoffMs(reason, strikes, jitter) {
  const { firstMs, ceilingMs } = backoff[reason];
  return Math.min(firstMs * 2 ** (strikes - 1), ceilingMs) * (0.75 + jitter / 2);
}
function rateLimitMs(outcome, strikes, { now, jitter, dayOffsetMs }) {
  const { meter, retryAfterMs } = outcome;
  const isDaily = meter === "RPD" || meter === "TPD" || meter === "IPD";
  if (retryAfterMs !== void 0 && retryAfterMs > 0) {
    return Math.min(retryAfterMs, isDaily ? day : retryAfterCeilingMs) + jitter * second;
  }
  if (isDaily)
    return Math.min(untilBoundary(now + dayOffsetMs, day), strikes > 1 ? hour : day) + jitter * minute;
  if (meter === "RPH")
    return Math.min(untilBoundary(now, hour), strikes > 1 ? 10 * minute : hour) + jitter * 10 * second;
  return untilBoundary(now, minute) + jitter * 5 * second + Math.min(2 ** (strikes - 1) - 1, 10) * minute;
}
function untilBoundary(now, windowMs) {
  return windowMs - now % windowMs;
}

// packages/core/src/key/correlation.ts
var defaultShare = 0.1;
var roundingSlack = 1e-9;
var CorrelationGuard = class {
  #share;
  /** No more than the share allows, however many are refused. */
  #believed = /* @__PURE__ */ new Set();
  /** When the first of them was refused. */
  #since = Number.POSITIVE_INFINITY;
  constructor({ share = defaultShare } = {}) {
    this.#share = share;
  }
  /** Whether a refusal may be believed. `poolSize` counts subjects of the same kind; `now` is in milliseconds. */
  refused(subject, poolSize, now) {
    if (this.#believed.size > 0) this.#since = Math.min(this.#since, now);
    if (this.#believed.has(subject)) return true;
    const limit2 = Math.max(1, Math.floor(this.#share * poolSize + roundingSlack));
    if (this.#believed.size >= limit2) return false;
    if (this.#believed.size === 0) this.#since = now;
    this.#believed.add(subject);
    return true;
  }
  /** A call succeeded that began at that instant. Costs nothing while nothing was refused. */
  accepted(startedAt) {
    if (this.#believed.size > 0 && startedAt > this.#since) this.#believed.clear();
  }
};

// packages/core/src/key/health.ts
var ready = Object.freeze({ status: "ready" });
var minute2 = 6e4;
var hour2 = 60 * minute2;
var exhaustedFirstMs = 30 * minute2;
var exhaustedCeilingMs = 24 * hour2;
var doubtedFirstMs = minute2;
var doubtedCeilingMs = 30 * minute2;
function subjectOf(outcome) {
  switch (outcome.fault) {
    case "key":
      return "key";
    case "funds":
    case "disabled":
      return "account";
    case "caller":
    case "model":
    case void 0:
      return "none";
    case "network":
      return outcome.maybeRan === true && outcome.phase !== "total" ? "account-model" : "none";
    default:
      return outcome.accountWide === true ? "account" : "account-model";
  }
}
function refused(outcome, now) {
  return { status: "invalid", reason: outcome.message ?? outcome.kind, since: now };
}
function settle(health, verdict, now) {
  const { outcome, isTrial, isBelieved } = verdict;
  if (health.status === "invalid") return health;
  if (outcome.fault === "disabled") return isBelieved ? refused(outcome, now) : doubt(health, outcome, now);
  const lacking = outcome.fault === "funds" ? lackingFunds(verdict) : null;
  if (health.status === "probing" && !isTrial && lacking !== "all") return health;
  if (outcome.kind === "success") return health.status === "probing" ? ready : health;
  return lacking === null ? health : exhaust(health, { funds: lacking, isBelieved }, now);
}
function wake(health, now) {
  if (!isTimed(health) || health.until > now) return health;
  const { strikes } = health;
  return health.status === "cooling" ? { status: "probing", after: "cooling", strikes } : { status: "probing", after: "exhausted", funds: health.funds, strikes };
}
function isTimed(health) {
  return health.status === "cooling" || health.status === "exhausted";
}
function blocks(funds, needs) {
  if (funds === "all") return true;
  return funds === "any" ? needs !== "nothing" : needs === "charged";
}
function wouldTry(health, needs) {
  if (health.status !== "probing") return false;
  return health.after === "cooling" || blocks(health.funds, needs);
}
function restUntil(health, until, reason) {
  if (health.status === "invalid" || health.status === "exhausted") return health;
  if (health.status === "cooling" && health.until >= until) return health;
  return { status: "cooling", until, reason, strikes: health.status === "probing" ? health.strikes + 1 : 1 };
}
function lackingFunds({ outcome, needs }) {
  if (outcome.funds === "charged" || needs === "charged") return "charged";
  return needs === "nothing" ? "all" : "any";
}
var rank = { charged: 0, any: 1, all: 2 };
function exhaust(health, { funds, isBelieved }, now) {
  if (health.status === "exhausted" && rank[health.funds] >= rank[funds]) return health;
  const strikes = strikesAfter(health, "exhausted");
  const [firstMs, ceilingMs] = isBelieved ? [exhaustedFirstMs, exhaustedCeilingMs] : [doubtedFirstMs, doubtedCeilingMs];
  return { status: "exhausted", until: now + grown(firstMs, strikes, ceilingMs), funds, strikes };
}
function doubt(health, outcome, now) {
  const strikes = strikesAfter(health, "cooling");
  return restUntil(
    health,
    now + grown(doubtedFirstMs, strikes, doubtedCeilingMs),
    outcome.message ?? outcome.kind
  );
}
var strikesAfter = (health, status) => health.status === "probing" && health.after === status ? health.strikes + 1 : 1;
var grown = (firstMs, strikes, ceilingMs) => Math.min(firstMs * 2 ** (strikes - 1), ceilingMs);

// packages/core/src/key/key-health.ts
var minute3 = 6e4;
var refusedRestsMs = [minute3, 10 * minute3, 60 * minute3];
var failingFirstMs = 10 * minute3;
var failingCeilingMs = 24 * 60 * minute3;
function isUnexplained({ fault, code }) {
  return fault === "permission" && code === void 0;
}
function settleKey(health, verdict, now) {
  const { outcome, isTrial } = verdict;
  if (health.status === "invalid" || health.status === "cooling") return health;
  if (health.status === "probing" && !isTrial) return health;
  if (outcome.kind === "success") return ready;
  if (outcome.fault === "key") return refuse(health, verdict, now);
  const strikes = health.status === "probing" ? health.strikes + 1 : 1;
  const isFailing = isUnexplained(outcome) && (health.status === "probing" || verdict.failuresInRow >= verdict.failureThreshold);
  if (!isFailing) return health;
  const until = now + Math.min(failingFirstMs * 2 ** (strikes - 1), failingCeilingMs);
  return { status: "cooling", trouble: "failing", until, reason: wordsOf(outcome), strikes };
}
function answerProbe(health, answer, now) {
  if (health.status !== "cooling") return health;
  const { outcome, isBelieved } = answer;
  const { trouble, strikes } = health;
  if (outcome.kind === "success") return { status: "probing", after: trouble, strikes };
  if (outcome.fault !== "key") return { ...health, until: now + minute3 };
  return isBelieved ? refused(outcome, now) : doubted(outcome, strikes + 1, now);
}
function wakeKey(health, now) {
  if (health.status !== "cooling" || health.until > now) return health;
  return { status: "probing", after: health.trouble, strikes: health.strikes };
}
function movedRest(health, byMs) {
  return health.status === "cooling" ? { ...health, until: health.until + byMs } : health;
}
function refuse(health, { outcome, isTrusted, isBelieved }, now) {
  const strikes = health.status === "probing" ? health.strikes + 1 : 1;
  if (!isBelieved) return doubted(outcome, strikes, now);
  if (isTrusted && health.status === "ready")
    return { status: "cooling", trouble: "refused", until: now, reason: wordsOf(outcome), strikes: 0 };
  return refused(outcome, now);
}
function doubted(outcome, strikes, now) {
  const restMs = refusedRestsMs[Math.min(strikes, refusedRestsMs.length) - 1] ?? minute3;
  return { status: "cooling", trouble: "refused", until: now + restMs, reason: wordsOf(outcome), strikes };
}
var wordsOf = (outcome) => outcome.message ?? outcome.kind;

// packages/core/src/judgement.ts
var Judgement = class {
  #parts;
  /** By site and kind of refusal, once there was one. */
  #guards = /* @__PURE__ */ new Map();
  constructor(parts) {
    this.#parts = parts;
  }
  judge(turn, outcome, trials, now) {
    const { key, account } = turn;
    if (outcome.kind === "success") this.#believeAgain(key.site, turn.startedAt);
    this.#judgeKey(key, outcome, trials.ofKey, now);
    if (account !== key.account) return;
    const subject = subjectOf(outcome);
    if (subject === "account-model") return this.#cool(turn, outcome, now);
    if (subject === "account" && outcome.fault !== "funds" && outcome.fault !== "disabled")
      return this.#restAccount(account, outcome, now);
    if (outcome.kind === "success") this.#endCooldown(turn);
    this.#judgeAccount(turn, outcome, trials.ofAccount, now);
  }
  /** What a free request found out about a key that rests. */
  answer(key, outcome, now) {
    if (outcome.kind === "success") this.#guards.get(guardName(key.site, "key"))?.accepted(now);
    const isBelieved = outcome.fault !== "key" || this.#isBelieved(key, "key", now);
    this.setKeyHealth(key, answerProbe(key.health, { outcome, isBelieved }, now));
  }
  setKeyHealth(key, health) {
    const before = key.health;
    if (before === health) return;
    key.health = health;
    key.trial = null;
    this.#parts.onKeyHealth(key);
    this.#parts.selection.seat(key);
    const { events } = this.#parts;
    const keys = [key.id];
    if (health.status === "invalid") events.emit("key-invalid", { keys, reason: health.reason });
    if (health.status === "cooling")
      events.emit("key-cooldown", { keys, model: null, until: health.until, reason: health.trouble });
    if (health.status === "ready" && before.status === "probing")
      events.emit("key-recovered", { keys, model: null });
  }
  setAccountHealth(account, health) {
    if (account.health === health) return;
    account.health = health;
    account.trial = null;
    this.#parts.onAccountHealth(account);
    this.#parts.selection.seatAll(account);
  }
  #judgeKey(key, outcome, isTrial, now) {
    if (outcome.kind === "success") key.failuresInRow = 0;
    else if (isUnexplained(outcome)) key.failuresInRow++;
    else if (outcome.fault !== "key") return;
    const verdict = {
      outcome,
      isTrial,
      isTrusted: key.successes > 0,
      isBelieved: outcome.fault !== "key" || this.#isBelieved(key, "key", now),
      failuresInRow: key.failuresInRow,
      failureThreshold: this.#parts.options.failureThreshold
    };
    this.setKeyHealth(key, settleKey(key.health, verdict, now));
  }
  #judgeAccount({ key, account, needs }, outcome, isTrial, now) {
    const { fault } = outcome;
    const isRefusal2 = fault === "funds" || fault === "disabled";
    const isBelieved = !isRefusal2 || this.#isBelieved(key, fault, now);
    const before = account.health;
    this.setAccountHealth(account, settle(before, { outcome, isTrial, needs, isBelieved }, now));
    const { health } = account;
    if (health === before) return;
    const { events } = this.#parts;
    const keys = idsOf(account);
    if (health.status === "ready") events.emit("key-recovered", { keys, model: null });
    if (health.status === "exhausted") events.emit("key-exhausted", { keys, until: health.until });
    if (health.status === "invalid") events.emit("key-invalid", { keys, reason: health.reason });
    if (health.status === "cooling")
      events.emit("key-cooldown", { keys, model: null, until: health.until, reason: "refused" });
  }
  /** A success that began after the rest did ends it, and the count of strikes with it. */
  #endCooldown({ account, model: model3, entry, startedAt }) {
    if (account.restsUntil === 0) return;
    const cooldown = account.cooldowns.get(model3);
    if (cooldown === void 0 || startedAt <= cooldown.since) return;
    account.forgetRest(model3);
    entry.epoch++;
    this.#parts.events.emit("key-recovered", { keys: idsOf(account), model: model3 });
  }
  #cool(turn, outcome, now) {
    const { account, model: model3, startedAt } = turn;
    if (outcome.kind === "rate-limited") this.#learnLimit(turn, outcome, now);
    const running = account.cooldowns.get(model3);
    const cooldown = nextCooldown(running, { outcome, model: model3, startedAt }, this.#cooldownContext(now));
    if (cooldown === void 0 || cooldown === running) return;
    account.rest(cooldown, now);
    const { until, reason } = cooldown;
    this.#parts.events.emit("key-cooldown", { keys: idsOf(account), model: model3, until, reason });
  }
  /** A refusal says where the limit is, whether it was declared or not. */
  #learnLimit({ account, model: model3, entry, quota, startedAt }, outcome, now) {
    const meter = quota?.refused(outcome.meter, startedAt, now) ?? null;
    if (quota === null || meter === null) return;
    if (meter === "TPM" || meter === "TPD") entry.countsTokens = true;
    const bound = quota.bounds()[meter];
    if (bound !== void 0)
      this.#parts.events.emit("limit-learned", { keys: idsOf(account), model: model3, meter, bound });
  }
  #restAccount(account, outcome, now) {
    const ended = { outcome, model: "", startedAt: now };
    const cooldown = nextCooldown(void 0, ended, this.#cooldownContext(now));
    if (cooldown === void 0) return;
    const { until, reason } = cooldown;
    const before = account.health;
    this.setAccountHealth(account, restUntil(before, until, outcome.message ?? reason));
    if (account.health === before) return;
    this.#parts.events.emit("key-cooldown", { keys: idsOf(account), model: null, until, reason });
  }
  #cooldownContext(now) {
    const { runtime, dayOffsetMs } = this.#parts;
    return { now, jitter: runtime.random(), dayOffsetMs };
  }
  /** Whether a refusal tells of its key or account, or rather of an upstream that refuses everybody. */
  #isBelieved(key, fault, now) {
    const { keys, accounts, options } = this.#parts;
    const name = guardName(key.site, fault);
    const guard = this.#guards.get(name) ?? new CorrelationGuard({ share: options.maxEjected });
    this.#guards.set(name, guard);
    return fault === "key" ? guard.refused(key.id, keys.size, now) : guard.refused(key.account.id, accounts.size, now);
  }
  #believeAgain(site, startedAt) {
    if (this.#guards.size === 0) return;
    for (const fault of ["key", "funds", "disabled"])
      this.#guards.get(guardName(site, fault))?.accepted(startedAt);
  }
};
var guardName = (site, fault) => `${fault} ${site}`;
var idsOf = (account) => Array.from(account.keys, ({ id }) => id);

// packages/core/src/limit/recent-rate.ts
var minute4 = 6e4;
var RecentRate = class {
  #minute = 0;
  #amount = 0;
  #before = 0;
  add(amount, now) {
    this.#turn(now);
    this.#amount += amount;
  }
  /** Never negative. */
  perMinute(now) {
    this.#turn(now);
    return Math.max(0, this.#amount + this.#before * (1 - (now - this.#minute * minute4) / minute4));
  }
  #turn(now) {
    const current = Math.floor(now / minute4);
    if (current === this.#minute) return;
    if (current < this.#minute) {
      this.#amount += this.#before;
      this.#before = 0;
    } else {
      this.#before = current === this.#minute + 1 ? this.#amount : 0;
      this.#amount = 0;
    }
    this.#minute = current;
  }
};

// packages/core/src/key/account.ts
var maxPastCooldowns = 256;
var maxQuotas = 256;
var Account = class {
  id;
  keys = /* @__PURE__ */ new Set();
  health = ready;
  /** The one attempt that may find out whether a rest is really over; null unless the health is `probing`. */
  trial = null;
  /** When the last of its rests on models ends; 0 without any. Spares most picks a look at the rests. */
  restsUntil = 0;
  #cooldowns = /* @__PURE__ */ new Map();
  /** What it may still use of each model; only models that were asked for under it. */
  quotas = /* @__PURE__ */ new Map();
  /** The quota that was asked for last: most accounts serve the same model over and over. */
  #latestModel = null;
  #latestQuota;
  /** Its state has changed since the store was last told. */
  isUnsaved = false;
  /** Attempts running now, under any of its keys. */
  inFlight = 0;
  /** Requests begun and tokens used lately, whatever the model. */
  requestRate = new RecentRate();
  tokenRate = new RecentRate();
  /** The balance as a number, for strategies that compare; null when nothing is known. */
  funds = null;
  #balance = null;
  constructor(id) {
    this.id = id;
  }
  get balance() {
    return this.#balance;
  }
  set balance(balance) {
    this.#balance = balance;
    this.funds = balance?.amount == null ? null : Number(balance.amount);
  }
  /** Rests by model. Entries that are over stay until a success, because the next rest grows from them. */
  get cooldowns() {
    return this.#cooldowns;
  }
  /** Notes a rest, and forgets those that are over when there are too many to remember. */
  rest(cooldown, now) {
    const cooldowns = this.#cooldowns;
    if (cooldowns.size >= maxPastCooldowns) {
      for (const [model3, { until }] of cooldowns) if (until <= now) cooldowns.delete(model3);
    }
    cooldowns.set(cooldown.model, cooldown);
    this.restsUntil = Math.max(this.restsUntil, cooldown.until);
  }
  /** The rest on a model counts no more, nor what led to it. */
  forgetRest(model3) {
    this.#cooldowns.delete(model3);
    if (this.#cooldowns.size === 0) this.restsUntil = 0;
  }
  forgetRests() {
    this.#cooldowns.clear();
    this.restsUntil = 0;
  }
  quotaOf(model3) {
    if (this.#latestModel === model3) return this.#latestQuota;
    const quota = this.quotas.get(model3);
    if (quota === void 0) return void 0;
    this.#latestModel = model3;
    this.#latestQuota = quota;
    return quota;
  }
  /** Notes what counts for a model, and forgets another when there are too many to remember. */
  keepQuota(model3, quota) {
    if (this.quotas.size >= maxQuotas) this.#forgetQuota();
    this.quotas.set(model3, quota);
    this.#latestModel = null;
  }
  /** Of the models that nothing limits the one noted first: made-up names must not wipe out what was counted. */
  #forgetQuota() {
    let forgotten;
    for (const [model3, quota] of this.quotas) {
      forgotten ??= model3;
      if (quota.isLimited) continue;
      forgotten = model3;
      break;
    }
    if (forgotten !== void 0) this.quotas.delete(forgotten);
  }
  /** What must outlive the process of limits learned and amounts counted. */
  quotaStates(now) {
    const states = [];
    for (const [model3, quota] of this.quotas) {
      const snapshot = quota.snapshot(now);
      if (snapshot !== null) states.push({ ...snapshot, model: model3 });
    }
    return states;
  }
  /** Moves the rests along with a clock that was set forth or back, so that they keep their lengths. */
  moveRests(byMs) {
    const { health } = this;
    this.restsUntil += byMs;
    if (isTimed(health)) this.health = { ...health, until: health.until + byMs };
    for (const [model3, { since, until, ...rest }] of this.#cooldowns) {
      this.#cooldowns.set(model3, { ...rest, since: since + byMs, until: until + byMs });
    }
  }
};

// packages/core/src/key/accounts.ts
var Accounts = class {
  byId = /* @__PURE__ */ new Map();
  /** By site and the upstream's own name for them. */
  #upstream = /* @__PURE__ */ new Map();
  /** The account of that id, made when it is new. */
  of(id) {
    const known = this.byId.get(id);
    if (known !== void 0) return known;
    const account = new Account(id);
    this.byId.set(id, account);
    return account;
  }
  /**
   * The account of a key: the one that the operator named; else one that it shares with keys of which the upstream
   * said the same; else one of its own. A shared one bears the id of the key that was there first.
   */
  for({ id, site, accountName, upstreamAccount }) {
    if (accountName !== null) return this.of(accountName);
    if (upstreamAccount === null) return this.of(id);
    const name = `${site} ${upstreamAccount}`;
    const known = this.#upstream.get(name);
    const account = known !== void 0 && this.byId.get(known.id) === known ? known : this.of(id);
    this.#upstream.set(name, account);
    return account;
  }
  /** To be told of an account that has lost a key. */
  forgetIfEmpty(account) {
    if (account.keys.size === 0) this.byId.delete(account.id);
  }
};

// packages/core/src/key/eligibility.ts
var unlimited = {
  key: Number.POSITIVE_INFINITY,
  account: Number.POSITIVE_INFINITY,
  pool: Number.POSITIVE_INFINITY
};
function isLimited({ key, account, pool }) {
  return Math.min(key, account, pool) < Number.POSITIVE_INFINITY;
}
function hindranceOfKey(key, concurrency) {
  if (!key.enabled) return "disabled";
  if (!key.selected) return "unselected";
  const { account, health: own } = key;
  const { health } = account;
  if (own.status === "invalid" || health.status === "invalid") return "invalid";
  if (own.status === "cooling") return own.trouble;
  if (health.status === "cooling") return "cooling";
  if (own.status === "probing" && key.trial !== null) return "probing";
  if (health.status === "exhausted" && health.funds !== "charged") return "exhausted";
  if (health.status === "probing" && account.trial !== null && !lacksChargedOnly(key)) return "probing";
  return isBusy(key, concurrency) ? "busy" : void 0;
}
function isBusy(key, { key: ofKey, account: ofAccount }) {
  return key.inFlight >= ofKey || key.account.inFlight >= ofAccount;
}
function lacksFunds({ account: { health, trial } }, needs) {
  if (health.status === "exhausted") return blocks(health.funds, needs);
  const isTried = health.status === "probing" && health.after === "exhausted" && trial !== null;
  return isTried && blocks(health.funds, needs);
}
function isAboutFunds({ account: { health }, trial }, hindrance) {
  if (hindrance === "exhausted") return true;
  const isTried = health.status === "probing" && health.after === "exhausted";
  return hindrance === "probing" && isTried && trial === null;
}
var lacksChargedOnly = ({ account: { health } }) => health.status === "probing" && health.after === "exhausted" && health.funds === "charged";
function activeCooldown(key, model3, now) {
  if (key.account.restsUntil <= now) return void 0;
  const cooldown = key.account.cooldowns.get(model3);
  return cooldown !== void 0 && cooldown.until > now ? cooldown : void 0;
}
function hindranceOnModel(key, model3, now) {
  const cooldown = activeCooldown(key, model3, now);
  if (cooldown === void 0) return void 0;
  return isSoft(cooldown) ? "resting" : "cooling";
}

// packages/core/src/provider/model-patterns.ts
var ModelPatterns = class {
  #exact;
  #folded;
  #patterns;
  constructor(values = {}) {
    const entries = Object.entries(values);
    const names2 = entries.filter(([name]) => !name.includes("*"));
    this.#exact = new Map(names2);
    this.#folded = new Map(names2.map(([name, value]) => [name.toLowerCase(), value]));
    this.#patterns = entries.filter(([name]) => name.includes("*")).sort(([one], [other2]) => other2.length - one.length).map(([name, value]) => ({ test: patternOf(name), value }));
  }
  get isEmpty() {
    return this.#exact.size === 0 && this.#patterns.length === 0;
  }
  get(model3) {
    return this.#exact.get(model3) ?? this.#folded.get(model3.toLowerCase()) ?? this.#patterns.find(({ test }) => test.test(model3))?.value;
  }
};
function patternOf(name) {
  const parts = name.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "is");
}

// packages/core/src/limit/limit-options.ts
var DeclaredLimits = class {
  #models;
  #accounts;
  constructor({ models = {}, accounts = {} }) {
    this.#models = new ModelPatterns(models);
    this.#accounts = new Map(
      Object.entries(accounts).map(([account, byModel2]) => [account, new ModelPatterns(byModel2)])
    );
  }
  /** Null where nothing is declared; `catalogue` is what the provider says. */
  of(account, model3, catalogue) {
    return this.#accounts.get(account)?.get(model3) ?? this.#models.get(model3) ?? catalogue ?? null;
  }
};

// packages/core/src/mask.ts
function maskToken(token) {
  if (token.length >= 20) return `${token.slice(0, 5)}\u2026${token.slice(-4)}`;
  return `${/^[a-z]{1,4}[-_]/i.exec(token)?.[0] ?? ""}\u2026`;
}
function maskTokens(text) {
  return text.replace(/\bsk-[\w-]{8,}/gi, maskToken);
}

// packages/core/src/strategy/rules.ts
var KeyNames = class {
  #names;
  constructor(names2) {
    this.#names = new Set(names2.map((name) => name.replace("...", "\u2026")));
  }
  has({ id, label, account, secret }) {
    const names2 = this.#names;
    return names2.has(id) || label !== null && names2.has(label) || names2.has(account.id) || names2.has(secret.mask);
  }
  toString() {
    return Array.from(this.#names, maskTokens).join(", ");
  }
};
var ModelAccess = class {
  #allow;
  #deny;
  constructor({ allow, deny }) {
    this.#allow = allow === void 0 ? null : new KeyNames(allow);
    this.#deny = deny === void 0 ? null : new KeyNames(deny);
  }
  allows(key) {
    return (this.#allow?.has(key) ?? true) && !(this.#deny?.has(key) ?? false);
  }
};

// packages/core/src/model-book.ts
var maxModels = 1e3;
var averageWeight = 0.1;
var firstGuess = 256;
var ModelEntry = class {
  name;
  site;
  needs;
  limits;
  /** The roster of the model's own rule. */
  roster;
  access;
  #factsOn;
  #averageOutput = null;
  /** It was asked for again lately. */
  isUsed = false;
  /** Whether tokens of this model are limited, as far as is known. */
  countsTokens = false;
  impasse = null;
  /** Counts what may have freed a place for this model. */
  epoch = 0;
  constructor(given) {
    this.name = given.name;
    this.site = given.site;
    this.#factsOn = given.factsOn;
    const facts = given.factsOn(given.site);
    this.needs = neededFunds(facts);
    this.limits = facts?.limits;
    this.roster = given.roster;
    this.access = given.access;
  }
  needsOn(site) {
    return site === this.site ? this.needs : neededFunds(this.#factsOn(site));
  }
  /** Tokens that a call will use: its input, and as much output as such calls have had, but not more than it allows. */
  expectedTokens(promptTokens, maxOutput) {
    const output = this.#averageOutput ?? maxOutput ?? firstGuess;
    return promptTokens + (maxOutput === null ? output : Math.min(output, maxOutput));
  }
  learnOutput(tokens) {
    const before = this.#averageOutput;
    this.#averageOutput = before === null ? tokens : before + averageWeight * (tokens - before);
  }
};
var ModelBook = class {
  #entries = /* @__PURE__ */ new Map();
  #provider;
  #catalogue;
  #access;
  #rosters;
  constructor(given) {
    this.#provider = given.provider;
    this.#catalogue = new ModelPatterns(given.catalogue);
    this.#access = new ModelPatterns(accessByModel(given.rules.models ?? {}));
    this.#rosters = given.rosters;
  }
  entryOf(name) {
    const known = this.#entries.get(name);
    if (known !== void 0) {
      known.isUsed = true;
      return known;
    }
    if (this.#entries.size >= maxModels) this.#forgetUnused();
    const entry = new ModelEntry({
      name,
      site: this.#provider.site,
      factsOn: (site) => this.#factsOf(name, site),
      roster: this.#rosters.ofModel(name),
      access: this.#access.get(name)
    });
    this.#entries.set(name, entry);
    return entry;
  }
  /** What is declared for the model replaces what the provider says, fact by fact. */
  #factsOf(name, site) {
    return { ...this.#provider.model?.(name, site), ...this.#catalogue.get(name) };
  }
  /** The oldest that was not asked for again since it came, or was last passed over: made-up names come once. */
  #forgetUnused() {
    for (const [name, entry] of this.#entries) {
      this.#entries.delete(name);
      if (!entry.isUsed) return;
      entry.isUsed = false;
      this.#entries.set(name, entry);
    }
  }
};
function neededFunds(facts) {
  if (facts?.free === true) return "nothing";
  return facts?.chargedOnly === true ? "charged" : "any";
}
function accessByModel(models) {
  const access = {};
  for (const [pattern, rule] of Object.entries(models)) {
    if (typeof rule === "object" && (rule.allow !== void 0 || rule.deny !== void 0))
      access[pattern] = new ModelAccess(rule);
  }
  return access;
}

// packages/core/src/limit/learned-bound.ts
var closeShare = 0.9;
var mostTaken = 0.5;
var repeatedShare = 0.95;
var growthShare = 0.01;
var mostPatience = 60;
var LearnedBound = class _LearnedBound {
  #lengthMs;
  #value;
  /** The level that calls pressed against for a whole quiet time without a refusal; 0 before that. */
  #held = 0;
  #step = 0;
  /** How long calls must press without a refusal before the next try. */
  #patienceMs;
  /** Whether the last change was upward: then one window is long enough for the next. */
  #isClimbing = false;
  /** Since when calls press against this value; Infinity while none has. */
  #pressedAt = Number.POSITIVE_INFINITY;
  #loweredAt = Number.NEGATIVE_INFINITY;
  /** Where the last fall ended. */
  #place = 0;
  /** Falls since the bound last grew, or ever. */
  #falls = 0;
  /** The last fall, which refusals that come in after it may deepen. */
  #last = null;
  /** What was admitted when it came, as far as is known now. */
  #admitted = 0;
  constructor(lengthMs, value) {
    this.#lengthMs = lengthMs;
    this.#patienceMs = lengthMs;
    this.#value = value;
  }
  /** The bound that a first refusal leaves. */
  static atRefusal(lengthMs, refusal) {
    const bound = new _LearnedBound(lengthMs, Number.POSITIVE_INFINITY);
    bound.refuse(refusal);
    return bound;
  }
  static restore(lengthMs, { value, held, patienceMs }) {
    const bound = new _LearnedBound(lengthMs, Math.max(1, value));
    bound.#place = bound.#value;
    bound.#held = Math.min(held, bound.#value);
    bound.#patienceMs = Math.min(Math.max(patienceMs, lengthMs), mostPatience * lengthMs);
    return bound;
  }
  /** At least 1. */
  get value() {
    return this.#value;
  }
  get state() {
    return { value: this.#value, held: this.#held, patienceMs: this.#patienceMs };
  }
  /** Whether this much more may go beside what the window counts. What is more than the bound goes alone. */
  admits(amount, total) {
    return total + amount <= this.#value || total === 0;
  }
  /**
   * A call of this much is held back by the bound. When calls have pressed against it for long enough, it grows: true
   * when the call may go after all.
   */
  press(amount, total, now) {
    if (now < this.#pressedAt) this.#pressedAt = now;
    if (now < this.#growsAt) return false;
    this.#grow(amount);
    return this.admits(amount, total);
  }
  /** The earliest instant at which `admits` may say yes if nothing else is added. */
  freeAt(amount, window, now) {
    const freeAt = roomAt(amount, this.#value, window, now);
    if (freeAt <= this.#growsAt) return freeAt;
    const grown2 = this.#value + this.#nextStep(amount);
    return Math.min(freeAt, Math.max(this.#growsAt, roomAt(amount, grown2, window, now)));
  }
  /** Says whether the bound changed. A call that was under way at the last fall is part of the same trouble. */
  refuse({ startedAt, now, admitted, ended }) {
    this.#loweredAt = Math.min(this.#loweredAt, now);
    if (startedAt <= this.#loweredAt || ended >= this.#value) return false;
    const before = this.#value;
    this.#falls = this.#isClimbing ? 1 : this.#falls + 1;
    this.#last = {
      value: before,
      held: this.#held,
      place: this.#place,
      patienceMs: this.#patienceMs,
      wasClimbing: this.#isClimbing,
      ended
    };
    this.#admitted = admitted;
    this.#loweredAt = now;
    this.#fall(this.#last);
    return this.#value !== before;
  }
  /**
   * Something that was counted when the bound fell turns out to have been refused as well: of many calls sent at once
   * the first refusal is heard before the others.
   */
  retract(amount, reservedAt, now) {
    const last = this.#last;
    if (last === null || reservedAt > this.#loweredAt || now - this.#loweredAt >= this.#lengthMs) return;
    this.#admitted = Math.max(last.ended, this.#admitted - amount);
    if (!this.#isClimbing) this.#fall(last);
  }
  get #growsAt() {
    return this.#pressedAt + (this.#isClimbing ? this.#lengthMs : this.#patienceMs);
  }
  #grow(amount) {
    const step = this.#nextStep(amount);
    this.#held = this.#value;
    this.#value += step;
    this.#step = 2 * step;
    this.#isClimbing = true;
    this.#pressedAt = Number.POSITIVE_INFINITY;
  }
  /** Room for the call that is held back, but not for a giant: that one goes when the window is empty. */
  #nextStep(amount) {
    return Math.ceil(Math.max(1, this.#step, growthShare * this.#value, Math.min(amount, this.#value)));
  }
  /** From where it stood before its last fall to where that, as far as is known now, has to end. */
  #fall(last) {
    this.#value = Math.max(1, Math.floor(this.#lowered(last)));
    this.#held = Math.min(last.held, this.#value);
    this.#place = this.#value;
    this.#patienceMs = this.#patienceAfter(last);
    this.#step = 0;
    this.#isClimbing = false;
    this.#pressedAt = Number.POSITIVE_INFINITY;
  }
  #lowered({ value, held }) {
    const admitted = this.#admitted;
    const isProven = held > 0 && held < value;
    if (admitted >= value) return Math.max(isProven ? held : 0, repeatedShare * value);
    if (isProven && admitted >= closeShare * held) return this.#falls === 1 ? Math.max(admitted, held) : held;
    if (value === Number.POSITIVE_INFINITY) return admitted;
    const cautious = this.#falls < 3 ? admitted : Math.min(admitted, repeatedShare * value);
    return Math.max(cautious, mostTaken * value);
  }
  /** Only a try that failed where one failed before says that the limit has stayed. */
  #patienceAfter({ place, patienceMs, wasClimbing }) {
    const isSamePlace = Math.abs(this.#value - place) <= Math.max(1, (1 - closeShare) * place);
    if (!isSamePlace) return this.#lengthMs;
    return wasClimbing ? Math.min(2 * patienceMs, mostPatience * this.#lengthMs) : patienceMs;
  }
};
function roomAt(amount, bound, window, now) {
  return window.freeAt(Math.min(amount, bound), bound, now);
}

// packages/core/src/limit/limits.ts
var minute5 = 6e4;
var hour3 = 60 * minute5;
var day2 = 24 * hour3;
var meterFacts = {
  RPM: { unit: "requests", lengthMs: minute5 },
  RPH: { unit: "requests", lengthMs: hour3 },
  RPD: { unit: "requests", lengthMs: day2 },
  TPM: { unit: "tokens", lengthMs: minute5 },
  TPD: { unit: "tokens", lengthMs: day2 },
  IPM: { unit: "images", lengthMs: minute5 },
  IPD: { unit: "images", lengthMs: day2 }
};
var meters = Object.keys(meterFacts);

// packages/core/src/limit/day-window.ts
var day3 = 864e5;
var slackMs = 5e3;
var DayWindow = class {
  #offsetMs;
  /** The running day, in days since the epoch where the provider lives. */
  #day = 0;
  #sum = 0;
  #before = 0;
  constructor(offsetMs) {
    this.#offsetMs = offsetMs;
  }
  add(amount, now) {
    this.#roll(now);
    this.#sum += amount;
  }
  /** What counts is when a call began. */
  end() {
  }
  ended() {
    return 0;
  }
  takeBack(amount, addedAt, now) {
    this.#roll(now);
    const age = this.#day - this.#dayOf(addedAt);
    if (age <= 0) this.#sum = Math.max(0, this.#sum - amount);
    else if (age === 1) this.#before = Math.max(0, this.#before - amount);
  }
  total(now) {
    this.#roll(now);
    return now < this.startOf(now) + slackMs ? this.#before + this.#sum : this.#sum;
  }
  freeAt(amount, limit2, now) {
    if (amount > limit2) return Number.POSITIVE_INFINITY;
    if (this.total(now) + amount <= limit2) return now;
    const today = this.startOf(now) + slackMs;
    return now < today && this.#sum + amount <= limit2 ? today : today + day3;
  }
  startOf(now) {
    return this.#dayOf(now) * day3 - this.#offsetMs;
  }
  entries(now) {
    this.#roll(now);
    return this.#sum > 0 ? [this.startOf(now), this.#sum] : [];
  }
  #roll(now) {
    const today = this.#dayOf(now);
    if (today === this.#day) return;
    if (today > this.#day) {
      this.#before = today === this.#day + 1 ? this.#sum : 0;
      this.#sum = 0;
    } else if (today === this.#day - 1) {
      this.#sum += this.#before;
      this.#before = 0;
    } else {
      this.#before = 0;
    }
    this.#day = today;
  }
  #dayOf(at) {
    return Math.floor((at + this.#offsetMs) / day3);
  }
};

// packages/core/src/limit/sliding-window.ts
var grainsPerLength = 240;
var slackMs2 = 250;
var none = [];
var SlidingWindow = class {
  #lengthMs;
  /**
   * Pairs from `#first` on, oldest first: the instant of a slot's last addition, and its amount. Flat, because numbers
   * in an array take a third of what small objects take.
   */
  #slots = none;
  #first = 0;
  /** When the newest slot began. */
  #openedAt = 0;
  #sum = 0;
  /** When the oldest slot is over, and when the newest was added to: in between there is nothing to roll. */
  #overAt = 0;
  #newestAt = 0;
  constructor(lengthMs) {
    this.#lengthMs = lengthMs;
  }
  add(amount, now) {
    this.#roll(now);
    const slots = this.#slots;
    const newest = slots.length - 2;
    const newestAt = slots[newest];
    if (newestAt !== void 0 && now - this.#openedAt < this.#lengthMs / grainsPerLength) {
      if (now > newestAt) slots[newest] = now;
      slots[newest + 1] = (slots[newest + 1] ?? 0) + amount;
    } else {
      this.#open(now, amount);
    }
    this.#sum += amount;
    if (newestAt === void 0) this.#overAt = now + this.#lengthMs + slackMs2;
    this.#newestAt = Math.max(newestAt ?? 0, now);
  }
  /** What counts is when a call began. */
  end() {
  }
  ended() {
    return 0;
  }
  takeBack(amount, addedAt, now) {
    this.#roll(now);
    if (addedAt <= now - this.#lengthMs - slackMs2) return;
    const index = this.#slotOf(addedAt);
    const counted = this.#slots[index + 1];
    if (counted === void 0) return;
    const taken = Math.min(amount, counted);
    this.#slots[index + 1] = counted - taken;
    this.#sum -= taken;
  }
  total(now) {
    this.#roll(now);
    return this.#sum;
  }
  freeAt(amount, limit2, now) {
    this.#roll(now);
    if (amount > limit2) return Number.POSITIVE_INFINITY;
    const slots = this.#slots;
    let left = this.#sum;
    let at = now;
    for (let index = this.#first; left + amount > limit2 && index < slots.length; index += 2) {
      at = (slots[index] ?? now) + this.#lengthMs + slackMs2;
      left -= slots[index + 1] ?? 0;
    }
    return at;
  }
  startOf(now) {
    return now - this.#lengthMs;
  }
  entries(now) {
    this.#roll(now);
    return this.#slots.slice(this.#first);
  }
  /** Forgets what is over, and takes back into the present what a clock set back has left in the future. */
  #roll(now) {
    if (now < this.#overAt && now >= this.#newestAt - slackMs2) return;
    const slots = this.#slots;
    const { length } = slots;
    if (length === 0) return;
    if ((slots[length - 2] ?? now) > now + slackMs2) this.#redate(now);
    const over = now - this.#lengthMs - slackMs2;
    let first = this.#first;
    while (first < length && (slots[first] ?? 0) <= over) {
      this.#sum -= slots[first + 1] ?? 0;
      first += 2;
    }
    if (first !== this.#first) this.#dropTo(first);
    this.#overAt = (this.#slots[this.#first] ?? 0) + this.#lengthMs + slackMs2;
    this.#newestAt = this.#slots.at(-2) ?? 0;
  }
  #open(now, amount) {
    if (this.#slots === none) this.#slots = [now, amount];
    else this.#slots.push(now, amount);
    this.#openedAt = now;
  }
  #dropTo(first) {
    const slots = this.#slots;
    this.#first = first;
    if (first === slots.length) {
      this.#slots = none;
      this.#first = 0;
      this.#sum = 0;
    } else if (first >= 2 * grainsPerLength) {
      slots.splice(0, first);
      this.#first = 0;
    }
  }
  #redate(now) {
    const slots = this.#slots;
    for (let index = slots.length - 2; index >= this.#first && (slots[index] ?? now) > now; index -= 2) {
      slots[index] = now;
    }
    this.#openedAt = Math.min(this.#openedAt, now);
  }
  /** The first slot that ended at that instant or later; the array's length when there is none. */
  #slotOf(at) {
    const slots = this.#slots;
    let low = this.#first;
    let high = slots.length;
    while (low < high) {
      const middle = low + (high - low >> 2 << 1);
      if ((slots[middle] ?? at) < at) low = middle + 2;
      else high = middle;
    }
    return low;
  }
};

// packages/core/src/limit/token-window.ts
var TokenWindow = class {
  #begun;
  #ended;
  constructor(lengthMs) {
    this.#begun = new SlidingWindow(lengthMs);
    this.#ended = new SlidingWindow(lengthMs);
  }
  add(amount, now) {
    this.#begun.add(amount, now);
  }
  end(amount, now) {
    this.#ended.add(amount, now);
  }
  ended(now) {
    return this.#ended.total(now);
  }
  takeBack(amount, addedAt, now) {
    this.#begun.takeBack(amount, addedAt, now);
  }
  total(now) {
    return Math.max(this.#begun.total(now), this.#ended.total(now));
  }
  freeAt(amount, limit2, now) {
    return Math.max(this.#begun.freeAt(amount, limit2, now), this.#ended.freeAt(amount, limit2, now));
  }
  startOf(now) {
    return this.#begun.startOf(now);
  }
  entries(now) {
    return this.#begun.entries(now);
  }
};

// packages/core/src/limit/window.ts
function createWindow(meter, dayOffsetMs) {
  const { unit, lengthMs } = meterFacts[meter];
  if (lengthMs === meterFacts.RPD.lengthMs) return new DayWindow(dayOffsetMs);
  return unit === "tokens" ? new TokenWindow(lengthMs) : new SlidingWindow(lengthMs);
}

// packages/core/src/limit/gauge.ts
var fewest = 3;
var Gauge = class {
  meter;
  unit;
  lengthMs;
  window;
  /** Since when everything admitted is in the window. */
  since;
  /** The declared limit; Infinity when there is none. */
  limit = Number.POSITIVE_INFINITY;
  bound = null;
  #isWarned = false;
  constructor(meter, dayOffsetMs, since) {
    const { unit, lengthMs } = meterFacts[meter];
    this.meter = meter;
    this.unit = unit;
    this.lengthMs = lengthMs;
    this.window = createWindow(meter, dayOffsetMs);
    this.since = since;
  }
  /** What the demand takes of this meter. */
  amountOf(demand) {
    return this.unit === "requests" ? 1 : this.unit === "tokens" ? demand.tokens : demand.images;
  }
  fits(demand, now) {
    const amount = this.amountOf(demand);
    if (amount === 0) return true;
    const total = this.window.total(now);
    if (total + amount > this.limit) return false;
    return this.bound === null || this.bound.admits(amount, total);
  }
  /** A call was held back. Whether this meter lets it go now, be it because its bound has just grown. */
  press(demand, now) {
    if (this.fits(demand, now)) return true;
    const amount = this.amountOf(demand);
    const total = this.window.total(now);
    return this.bound !== null && total + amount <= this.limit && this.bound.press(amount, total, now);
  }
  freeAt(demand, now) {
    const amount = this.amountOf(demand);
    if (amount === 0) return now;
    const byLimit = this.window.freeAt(amount, this.limit, now);
    return this.bound === null ? byLimit : Math.max(byLimit, this.bound.freeAt(amount, this.window, now));
  }
  count(demand, now) {
    const amount = this.amountOf(demand);
    if (amount > 0) this.window.add(amount, now);
  }
  /** Takes back what never ran. */
  takeBack(demand, countedAt, now) {
    const amount = this.amountOf(demand);
    if (amount === 0 || countedAt < this.since) return;
    this.window.takeBack(amount, countedAt, now);
    this.bound?.retract(amount, countedAt, now);
  }
  /**
   * A call ended that was counted with an estimate. What the estimate was short of counts from now on, the rest from
   * where it was reserved: each token once for one whole window, so nothing is lost by it.
   */
  correct(estimate, real, countedAt, now) {
    if (real > estimate) this.window.add(real - estimate, now);
    else if (real < estimate && countedAt >= this.since) this.window.takeBack(estimate - real, countedAt, now);
    if (real > 0) this.window.end(real, now);
  }
  /** A refusal by this meter of a call that began at `startedAt`. Says whether the bound changed. */
  refuse(startedAt, now) {
    const refusal = { startedAt, now, admitted: this.window.total(now), ended: this.window.ended(now) };
    if (this.bound !== null) return this.bound.refuse(refusal);
    if (this.since > this.window.startOf(now)) return false;
    const isDoubtful = this.window.total(now) < fewest && !this.#isWarned;
    this.#isWarned = true;
    if (isDoubtful) return false;
    this.bound = LearnedBound.atRefusal(this.lengthMs, refusal);
    return true;
  }
};

// packages/core/src/limit/quota-snapshot.ts
function readQuotaSnapshot(snapshot) {
  return meters.flatMap((meter) => {
    const stored = snapshot[meter];
    if (typeof stored !== "object" || stored === null) return [];
    const { bound = null, since = null, counted = [] } = stored;
    const isSound = (since === null || isAmount(since)) && Array.isArray(counted) && counted.every(isAmount) && (bound === null || [bound.value, bound.held, bound.patienceMs].every(isAmount));
    return isSound ? [[meter, { bound, since, counted }]] : [];
  });
}
function isAmount(value) {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

// packages/core/src/limit/quota.ts
var noGauges = [];
var Quota = class _Quota {
  #learns;
  #dayOffsetMs;
  #limits = null;
  #gauges = noGauges;
  /** What was admitted of late, for the day when a first refusal comes. */
  #requests = null;
  #tokens = null;
  #images = null;
  constructor({ limits, learns, dayOffsetMs }) {
    this.#learns = learns;
    this.#dayOffsetMs = dayOffsetMs;
    if (limits !== null) this.#declare(limits, Number.NEGATIVE_INFINITY);
  }
  /** A quota that goes on where `snapshot` left it. */
  static restore(options, snapshot, now) {
    const quota = new _Quota(options);
    for (const [meter, stored] of readQuotaSnapshot(snapshot)) quota.#restore(meter, stored, now);
    return quota;
  }
  /** The declared limits. */
  get limits() {
    return this.#limits;
  }
  /** Whether anything is declared or learned, so that there are counts worth keeping. */
  get isLimited() {
    return this.#gauges.length > 0;
  }
  /** The learned bounds. */
  bounds() {
    const bounds = {};
    for (const { meter, bound } of this.#gauges) if (bound !== null) bounds[meter] = bound.value;
    return bounds;
  }
  fits(demand, now) {
    for (const gauge of this.#gauges) if (!gauge.fits(demand, now)) return false;
    return true;
  }
  /**
   * To be told whenever a call was held back because it did not fit: bounds grow only while demand presses against
   * them. True when one has just grown and the call fits now.
   */
  hold(demand, now) {
    let fits = true;
    for (const gauge of this.#gauges) fits = gauge.press(demand, now) && fits;
    return fits;
  }
  /** The earliest instant at which it may fit: `now`, or Infinity when it is more than a declared limit. */
  freeAt(demand, now) {
    let freeAt = now;
    for (const gauge of this.#gauges) freeAt = Math.max(freeAt, gauge.freeAt(demand, now));
    return freeAt;
  }
  /** Counts one request and what it is expected to use, whether it fits or not. */
  reserve({ tokens, images }, now) {
    const reservation = { tokens, images, at: now, isSettled: false };
    for (const gauge of this.#gauges) gauge.count(reservation, now);
    if (this.#learns) this.#note(1, reservation, now);
    return reservation;
  }
  /** To be called once for each reservation, before `refused` when a refusal was its end. Again is harmless. */
  settle(reservation, { tokens, isRefused }, now) {
    if (reservation.isSettled) return;
    reservation.isSettled = true;
    if (isRefused) {
      for (const gauge of this.#gauges) gauge.takeBack(reservation, reservation.at, now);
      if (this.#learns) this.#note(-1, reservation, now);
    } else {
      this.#correctTokens(reservation, tokens ?? reservation.tokens, now);
    }
  }
  /**
   * The upstream refused a call that began at `startedAt`, for too many requests when it did not say of what. Gives
   * the meter whose bound changed, null when none did.
   */
  refused(meter, startedAt, now) {
    if (!this.#learns) return null;
    const full = meter ?? "RPM";
    return this.#gaugeOf(full, now).refuse(startedAt, now) ? full : null;
  }
  /**
   * The operator changed the limits. What was counted stays; what was learned about a meter whose limit is another
   * now is forgotten, because the operator knows better.
   */
  relimit(limits, now) {
    for (const gauge of this.#gauges) {
      const limit2 = limits?.[gauge.meter] ?? Number.POSITIVE_INFINITY;
      if (limit2 === gauge.limit) continue;
      gauge.limit = limit2;
      gauge.bound = null;
    }
    const kept = this.#gauges.filter(({ limit: limit2, bound }) => limit2 < Number.POSITIVE_INFINITY || bound !== null);
    this.#gauges = kept.length === 0 ? noGauges : kept;
    this.#limits = limits;
    if (limits !== null) this.#declare(limits, now);
  }
  /** The bounds, and the counts of hours and days; null when there is nothing worth storing. */
  snapshot(now) {
    const stored = {};
    for (const { meter, lengthMs, bound, since, window } of this.#gauges) {
      const counted = lengthMs > meterFacts.RPM.lengthMs ? window.entries(now) : [];
      if (bound === null && counted.length === 0) continue;
      stored[meter] = { bound: bound?.state ?? null, since: Number.isFinite(since) ? since : null, counted };
    }
    return Object.keys(stored).length === 0 ? null : stored;
  }
  #declare(limits, since) {
    this.#limits = limits;
    for (const meter of meters) {
      const limit2 = limits[meter];
      if (limit2 !== void 0) this.#gaugeOf(meter, since).limit = limit2;
    }
  }
  #gaugeOf(meter, now) {
    for (const gauge2 of this.#gauges) if (gauge2.meter === meter) return gauge2;
    const rate = this.#rateOf(meter);
    const { lengthMs } = meterFacts[meter];
    const isKnown = this.#learns && lengthMs === meterFacts.RPM.lengthMs;
    const gauge = new Gauge(meter, this.#dayOffsetMs, isKnown ? now - lengthMs : now);
    const admitted = isKnown && rate !== null ? Math.round(rate.perMinute(now)) : 0;
    if (admitted > 0) gauge.window.add(admitted, now);
    this.#gauges = this.#gauges.concat(gauge);
    return gauge;
  }
  #rateOf(meter) {
    const { unit } = meterFacts[meter];
    return unit === "requests" ? this.#requests : unit === "tokens" ? this.#tokens : this.#images;
  }
  #note(requests, { tokens, images }, now) {
    this.#requests ??= new RecentRate();
    this.#requests.add(requests, now);
    if (tokens > 0) this.#noteTokens(requests * tokens, now);
    if (images > 0) {
      this.#images ??= new RecentRate();
      this.#images.add(requests * images, now);
    }
  }
  #noteTokens(tokens, now) {
    this.#tokens ??= new RecentRate();
    this.#tokens.add(tokens, now);
  }
  #correctTokens(reservation, tokens, now) {
    for (const gauge of this.#gauges) {
      if (gauge.unit === "tokens") gauge.correct(reservation.tokens, tokens, reservation.at, now);
    }
    if (this.#learns && tokens !== reservation.tokens) this.#noteTokens(tokens - reservation.tokens, now);
  }
  #restore(meter, { bound, since, counted }, now) {
    const limit2 = this.#limits?.[meter];
    if (limit2 === void 0 && !this.#learns) return;
    const gauge = new Gauge(meter, this.#dayOffsetMs, since ?? Number.NEGATIVE_INFINITY);
    gauge.limit = limit2 ?? Number.POSITIVE_INFINITY;
    if (bound !== null && this.#learns) gauge.bound = LearnedBound.restore(gauge.lengthMs, bound);
    for (let index = 0; index + 1 < counted.length; index += 2) {
      gauge.window.add(counted[index + 1] ?? 0, Math.min(counted[index] ?? now, now));
    }
    this.#gauges = this.#gauges.filter((other2) => other2.meter !== meter).concat(gauge);
  }
};

// packages/core/src/quotas.ts
var Quotas = class {
  #parts;
  constructor(parts) {
    this.#parts = parts;
  }
  /** Null where nothing is counted yet, because nothing is declared. */
  of(account, model3) {
    const known = account.quotaOf(model3.name);
    if (known !== void 0) return known;
    const declared = this.#parts.limits.of(account.id, model3.name, model3.limits);
    return declared === null ? null : this.#add(account, model3, declared);
  }
  /** From now on it is counted, if limits are learned at all. */
  begin(account, model3) {
    return this.of(account, model3) ?? (this.#parts.learns ? this.#add(account, model3, null) : null);
  }
  /** Goes on with what an account had used and learned when it was last stored. */
  restore(account, states, now) {
    const { learns, dayOffsetMs, limits, models } = this.#parts;
    for (const { model: model3, ...snapshot } of states) {
      const entry = models.entryOf(model3);
      const declared = limits.of(account.id, model3, entry.limits);
      const quota = Quota.restore({ limits: declared, learns, dayOffsetMs }, snapshot, now);
      account.keepQuota(model3, quota);
      if (limitsTokens(declared) || limitsTokens(quota.bounds())) entry.countsTokens = true;
    }
  }
  #add(account, model3, limits) {
    const { learns, dayOffsetMs } = this.#parts;
    const quota = new Quota({ limits, learns, dayOffsetMs });
    account.keepQuota(model3.name, quota);
    if (limitsTokens(limits)) model3.countsTokens = true;
    return quota;
  }
};
var limitsTokens = (limits) => limits?.TPM !== void 0 || limits?.TPD !== void 0;

// packages/core/src/strategy/min-heap.ts
var MinHeap = class _MinHeap {
  #items = [];
  #isBefore;
  constructor(isBefore2) {
    this.#isBefore = isBefore2;
  }
  peek() {
    return this.#items[0];
  }
  push(item) {
    const items = this.#items;
    let hole = items.length;
    items.push(item);
    while (hole > 0) {
      const parent = hole - 1 >> 1;
      const above = items[parent];
      if (!this.#isBefore(item, above)) break;
      items[hole] = above;
      hole = parent;
    }
    items[hole] = item;
  }
  pop() {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (items.length > 0) this.#sink(last);
    return top;
  }
  /** Replaces the smallest item: cheaper than `pop` and `push`. */
  replaceTop(item) {
    if (this.#items.length === 0) this.push(item);
    else this.#sink(item);
  }
  /** The smallest item that is meant, found by looking at no more items than there are smaller ones and their children. */
  find(isMeant) {
    const items = this.#items;
    const open = new _MinHeap((one, other2) => this.#isBefore(items[one], items[other2]));
    if (items.length > 0) open.push(0);
    for (let at = open.pop(); at !== void 0; at = open.pop()) {
      const item = items[at];
      if (isMeant(item)) return item;
      for (const child of [2 * at + 1, 2 * at + 2]) if (child < items.length) open.push(child);
    }
    return void 0;
  }
  #sink(item) {
    const items = this.#items;
    const { length } = items;
    let hole = 0;
    for (; ; ) {
      let child = 2 * hole + 1;
      if (child >= length) break;
      const right = child + 1;
      if (right < length && this.#isBefore(items[right], items[child])) child = right;
      const below = items[child];
      if (!this.#isBefore(below, item)) break;
      items[hole] = below;
      hole = child;
    }
    items[hole] = item;
  }
};

// packages/core/src/key/wake-ups.ts
var WakeUps = class {
  #queue = new MinHeap((one, other2) => one.at < other2.at);
  /** To be told whenever a rest begins, or is moved. */
  schedule(sleeper) {
    if ("until" in sleeper.health) this.#queue.push({ at: sleeper.health.until, sleeper });
  }
  /** Takes out one whose rest was to be over by now; it may have been lengthened or lifted since. */
  next(now) {
    const due = this.#queue.peek();
    return due !== void 0 && due.at <= now ? this.#queue.pop()?.sleeper : void 0;
  }
};

// packages/core/src/rest-clock.ts
var toleranceMs = 1e3;
var RestClock = class {
  #parts;
  #accounts = new WakeUps();
  #keys = new WakeUps();
  #latest = Number.NEGATIVE_INFINITY;
  constructor(parts) {
    this.#parts = parts;
  }
  /** Now; those whose rest is over have been told. */
  wakeDue() {
    const now = this.now();
    for (let due = this.#accounts.next(now); due !== void 0; due = this.#accounts.next(now))
      this.#parts.onAccountRested(due, now);
    for (let due = this.#keys.next(now); due !== void 0; due = this.#keys.next(now))
      this.#parts.onKeyRested(due, now);
    return now;
  }
  now() {
    const now = this.#parts.runtime.now();
    if (now < this.#latest - toleranceMs) this.#setBack(now - this.#latest);
    this.#latest = now;
    return now;
  }
  watchAccount(account) {
    this.#accounts.schedule(account);
  }
  watchKey(key) {
    this.#keys.schedule(key);
  }
  #setBack(byMs) {
    const { accounts, keys, onSetBack } = this.#parts;
    for (const account of accounts.values()) {
      account.moveRests(byMs);
      this.#accounts.schedule(account);
    }
    for (const key of keys.values()) {
      key.health = movedRest(key.health, byMs);
      this.#keys.schedule(key);
    }
    onSetBack();
  }
};

// packages/core/src/errors.ts
var statusOf = {
  all_keys_cooling: 429,
  all_keys_exhausted: 402,
  all_keys_invalid: 503,
  body_too_large: 413,
  invalid_client_key: 401,
  invalid_config: 500,
  no_keys: 503,
  pool_closed: 503,
  queue_full: 429,
  request_aborted: 499,
  store_failed: 500,
  stream_interrupted: 502,
  unknown_key: 404,
  upstream_timeout: 504,
  upstream_unreachable: 502
};
var marker = /* @__PURE__ */ Symbol.for("sfpool.error");
var KeyPoolError = class _KeyPoolError extends Error {
  code;
  status;
  retryAfterMs;
  attempts;
  constructor(code, message, details = {}) {
    super(message, details.cause === void 0 ? void 0 : { cause: details.cause });
    this.name = "KeyPoolError";
    this.code = code;
    this.status = statusOf[code];
    this.retryAfterMs = details.retryAfterMs;
    this.attempts = details.attempts;
  }
  static {
    Object.defineProperty(_KeyPoolError.prototype, marker, { value: true });
  }
  static isInstance(value) {
    return typeof value === "object" && value !== null && Reflect.get(value, marker) === true;
  }
  /** The JSON body this error is answered with: OpenAI's shape, so that every SDK shows the message. */
  toBody() {
    return { error: { message: this.message, type: errorType(this.status), code: this.code, param: null } };
  }
};
var withheld = /* @__PURE__ */ Symbol("withheld");
var ConfigError = class extends KeyPoolError {
  option;
  rule;
  /** `received` is shown shortened and without anything that looks like a secret. */
  constructor(option, rule, received) {
    super("invalid_config", `${option} ${rule}; received ${describe(received)}`);
    this.name = "ConfigError";
    this.option = option;
    this.rule = rule;
  }
};
function errorType(status) {
  if (status === 401) return "authentication_error";
  if (status === 402) return "insufficient_quota";
  if (status === 403) return "permission_error";
  if (status === 404) return "not_found_error";
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}
var maxShownLength = 40;
function describe(value) {
  if (value === withheld) return "a value that is not shown, because it may be a secret";
  if (typeof value === "string") return JSON.stringify(shown(value));
  if (typeof value === "function") return "a function";
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return `an object (${Object.keys(value).slice(0, 5).map(shown).join(", ")})`;
}
function shown(text) {
  const safe = maskTokens(text).replace(/\/\/[^/@\s]*@/g, "//\u2026@");
  return safe.length > maxShownLength ? `${safe.slice(0, 5)}\u2026` : safe;
}

// packages/core/src/key/refusal.ts
var closedRefusal = {
  code: "pool_closed",
  message: "The pool is closed",
  retryAfterMs: void 0,
  freeAt: Number.POSITIVE_INFINITY,
  isBusy: false
};
function refusalError(refusal, now, attempts) {
  const { code, message, freeAt } = refusal;
  const retryAfterMs = Number.isFinite(freeAt) ? Math.max(freeAt - now, 1) : refusal.retryAfterMs;
  const hint = code === "all_keys_cooling" && retryAfterMs !== void 0;
  return new KeyPoolError(
    code,
    hint ? `${message}; the first is free in ${Math.ceil(retryAfterMs / 1e3)} s` : message,
    {
      ...retryAfterMs === void 0 ? {} : { retryAfterMs },
      ...attempts === void 0 ? {} : { attempts }
    }
  );
}
function busyRefusal(option) {
  return {
    code: "queue_full",
    message: `As many calls run as the option ${option} allows; try again when one of them has ended`,
    retryAfterMs: void 0,
    freeAt: Number.POSITIVE_INFINITY,
    isBusy: true
  };
}
var Tally = class {
  #counts = /* @__PURE__ */ new Map();
  #ends = /* @__PURE__ */ new Map();
  total = 0;
  add({ why, until }) {
    this.total++;
    this.#counts.set(why, this.count(why) + 1);
    if (until !== null) this.#ends.set(why, Math.min(this.#ends.get(why) ?? Number.POSITIVE_INFINITY, until));
  }
  count(...reasons) {
    return reasons.reduce((sum, why) => sum + (this.#counts.get(why) ?? 0), 0);
  }
  end(...reasons) {
    return Math.min(...reasons.map((why) => this.#ends.get(why) ?? Number.POSITIVE_INFINITY));
  }
};
function refusalFor(standings, model3, now) {
  const tally = new Tally();
  for (const standing of standings) tally.add(standing);
  return nobodyAtAll(tally, model3) ?? nobodyYet(tally, model3, now) ?? nobodyForMoney(tally, now) ?? nobodyAccepted(tally, now);
}
function nobodyAtAll(tally, model3) {
  const { total } = tally;
  const disabled2 = tally.count("disabled");
  const unselected = tally.count("unselected");
  const barred = tally.count("not-allowed");
  if (total === 0) return refuse2("no_keys", "The pool has no keys. Add one with: sfpool add <key>");
  if (disabled2 === total)
    return refuse2("no_keys", `All ${total} keys are disabled. Enable one with: sfpool enable <id>`);
  if (disabled2 + unselected === total)
    return refuse2("no_keys", `The key mode leaves none of ${total} keys. Change the option mode or selected`);
  if (tally.count("other-account") === total)
    return refuse2("no_keys", "The account that owns what the request names has no key in the pool any more");
  if (disabled2 + unselected + barred + tally.count("other-account") < total) return void 0;
  return refuse2(
    "no_keys",
    `No key may serve ${model3 || "requests without a model"} by the option rules.models`
  );
}
function nobodyYet(tally, model3, now) {
  const waiting = tally.count("cooling", "resting", "limited", "paced", "probing", "busy", "tried", null);
  if (waiting === 0) return void 0;
  const end = tally.end("cooling", "resting", "limited", "paced");
  const isBusy2 = tally.count("busy", "probing") > 0;
  const on = model3 === "" ? "" : ` on ${model3}`;
  if (end === Number.POSITIVE_INFINITY && tally.count("limited") === waiting)
    return refuse2(
      "all_keys_cooling",
      `The request needs more${on} than the limits of any account allow at once`
    );
  if (end === Number.POSITIVE_INFINITY && tally.count("busy") > 0) {
    const message = `Every usable key is busy: as many calls run${on} as limits.concurrency allows. Try again when one has ended`;
    return { code: "queue_full", message, retryAfterMs: void 0, freeAt: end, isBusy: isBusy2 };
  }
  const retryAfterMs = Math.max(Number.isFinite(end) ? end - now : unknownMs, 1);
  return {
    code: "all_keys_cooling",
    message: `Every usable key is cooling${on}`,
    retryAfterMs,
    freeAt: end,
    isBusy: isBusy2
  };
}
var unknownMs = 1e3;
function nobodyForMoney(tally, now) {
  if (tally.count("exhausted") === 0) return void 0;
  const message = "No account has balance left. Top one up, then run: sfpool enable <id>";
  const end = tally.end("exhausted");
  return refuse2("all_keys_exhausted", message, Number.isFinite(end) ? Math.max(end - now, 1) : void 0);
}
function nobodyAccepted(tally, now) {
  const doubted2 = tally.count("refused", "failing");
  const enabled = tally.count("invalid") + doubted2;
  const end = tally.end("refused", "failing");
  const advice = doubted2 > 0 ? `${doubted2} of them will be asked again by themselves. ` : "";
  return refuse2(
    "all_keys_invalid",
    `All ${enabled} enabled keys are refused by the upstream. ${advice}See why with: sfpool list`,
    Number.isFinite(end) ? Math.max(end - now, unknownMs) : void 0
  );
}
var refuse2 = (code, message, retryAfterMs) => ({
  code,
  message,
  retryAfterMs,
  freeAt: Number.POSITIVE_INFINITY,
  isBusy: false
});

// packages/core/src/key/standing.ts
function standingOf(key, ask, rules) {
  const { account } = key;
  const { now, model: model3 } = ask;
  if (ask.account !== null && ask.account !== account.id) return stands("other-account");
  if (ask.access?.allows(key) === false) return stands("not-allowed");
  const hindrance = hindranceOfKey(key, rules.concurrency);
  const lacks = lacksFunds(key, ask.needsOn(key.site));
  const isSpared = isAboutFunds(key, hindrance) && !lacks;
  if (hindrance !== void 0 && !isSpared) return stands(hindrance, endOf(key, hindrance), detailOf(key));
  if (lacks && account.health.status === "probing") return stands("probing");
  if (lacks) return stands("exhausted", endOf(key, "exhausted"), detailOf(key));
  if (isSpared && isBusy(key, rules.concurrency)) return stands("busy");
  const { pacing } = rules;
  if (pacing !== null && !pacing.allows(key, now)) return stands("paced", pacing.windowEndsAt);
  const cooldown = activeCooldown(key, model3, now);
  if (cooldown !== void 0) {
    const { until, reason, meter } = cooldown;
    const detail = meter === void 0 ? reason : `${reason} (${meter})`;
    return stands(isSoft(cooldown) ? "resting" : "cooling", until, detail);
  }
  const freeAt = account.quotas.get(model3)?.freeAt(ask.demand, now) ?? now;
  if (freeAt > now) return stands("limited", freeAt);
  return ask.tried?.has(key) === true ? stands("tried") : stands(null);
}
function endOf({ health, account }, hindrance) {
  if (hindrance === "refused" || hindrance === "failing")
    return health.status === "cooling" ? health.until : null;
  if (hindrance !== "cooling" && hindrance !== "exhausted") return null;
  return "until" in account.health ? account.health.until : null;
}
function detailOf({ health, account }) {
  if ("reason" in health) return health.reason;
  if (account.health.status === "exhausted")
    return account.health.funds === "charged" ? "no charged balance" : "no balance";
  return "reason" in account.health ? account.health.reason : null;
}
var stands = (why, until = null, detail = null) => ({
  why,
  until: until === Number.POSITIVE_INFINITY ? null : until,
  detail
});

// packages/core/src/request-in-hand.ts
var RequestInHand = class {
  wanted = anything;
  model;
  #demand = { tokens: 0, images: 0 };
  constructor(model3) {
    this.model = model3;
  }
  take(wanted, model3, now) {
    wanted.now = now;
    this.wanted = wanted;
    this.model = model3;
    this.estimate();
  }
  /** What it takes of the limits. */
  get demand() {
    return this.#demand;
  }
  get isFree() {
    return this.wanted.isFree || this.model.needs === "nothing";
  }
  needsOn(site) {
    return this.wanted.isFree ? "nothing" : this.model.needsOn(site);
  }
  /** How much output a request allows is found by a look at its body, so only where it matters. */
  estimate() {
    const { wanted, model: model3 } = this;
    const maxOutput = model3.countsTokens ? wanted.maxOutput : null;
    this.#demand.tokens = model3.expectedTokens(wanted.promptTokens, maxOutput);
    this.#demand.images = wanted.images;
  }
  /** The same as a value that stays what it is. */
  ask() {
    const { wanted, model: entry } = this;
    const { model: model3, now, tried, account, isFree } = wanted;
    return {
      model: model3,
      now,
      tried,
      account,
      demand: { ...this.#demand },
      access: entry.access,
      needsOn: (site) => isFree ? "nothing" : entry.needsOn(site)
    };
  }
};
var anything = {
  model: "",
  now: 0,
  session: null,
  tried: null,
  lastResorts: 0,
  account: null,
  promptTokens: 0,
  maxOutput: null,
  images: 0,
  isStream: false,
  isFree: false
};

// packages/core/src/selection.ts
var Selection = class {
  #parts;
  /** Counts what may have made a key eligible that was not. */
  #epoch = 0;
  #inFlight = 0;
  #request;
  /** Whose strategy chose; null when there was nothing to choose. */
  #roster = null;
  constructor(parts) {
    this.#parts = parts;
    this.#request = new RequestInHand(parts.models.entryOf(""));
  }
  get inFlight() {
    return this.#inFlight;
  }
  /** Gives a key its place in the rosters, after something about it has changed. */
  seat(key) {
    const hindrance = hindranceOfKey(key, this.#parts.concurrency);
    this.#parts.rosters.review(key, hindrance);
    if (hindrance === void 0 || hindrance === "exhausted") this.#epoch++;
  }
  seatAll(account) {
    for (const key of account.keys) this.seat(key);
  }
  unseat(key) {
    this.#parts.rosters.review(key, "disabled");
  }
  /** The attempt that serves next, counted as running; or why there is none. */
  take(wanted, now) {
    const { concurrency, pacing, models } = this.#parts;
    if (this.#inFlight >= concurrency.pool) return busyRefusal("limits.concurrency.pool");
    if (pacing !== null && !pacing.mayStart()) return busyRefusal("pacing.inFlight");
    const model3 = models.entryOf(wanted.model);
    this.#request.take(wanted, model3, now);
    const { impasse } = model3;
    if (impasse !== null && this.#isStuck(impasse, now)) return stillRefused(impasse, now);
    const key = this.#choose();
    return key === void 0 ? this.#refuse(now) : this.#begin(key);
  }
  /** Gives back the places that an attempt took; `tokens` is what it really used, `isRefused` that it did not run. */
  release(turn, now, used) {
    const { key, account, quota, reservation } = turn;
    if (turn.isReleased) return;
    const { concurrency } = this.#parts;
    turn.isReleased = true;
    const wasBusy = isBusy(key, concurrency) || account.inFlight >= concurrency.account;
    key.inFlight--;
    account.inFlight--;
    this.#inFlight--;
    this.#parts.pacing?.end();
    if (quota !== null && reservation !== null) quota.settle(reservation, used, now);
    turn.entry.epoch++;
    if (!wasBusy) return;
    this.seatAll(account);
    if (key.account !== account && key.isHeld) this.seat(key);
  }
  /** What an answered call used, for estimates and rates. */
  count({ account, entry }, usage, now) {
    if (this.#parts.rosters.usesRates) account.tokenRate.add(usage.totalTokens, now);
    entry.learnOutput(usage.completionTokens);
  }
  /** Anything may have changed: keys came or went, a mode was set. */
  refresh() {
    this.#epoch++;
  }
  /** How every key stands to a request, and who would serve it; null when its strategy cannot tell in advance. */
  survey(wanted, now) {
    const { models, accounts, quotas, keys } = this.#parts;
    const request = this.#request;
    request.take(wanted, models.entryOf(wanted.model), now);
    for (const account of accounts.values()) quotas.of(account, request.model);
    request.estimate();
    const ask = request.ask();
    const standings = /* @__PURE__ */ new Map();
    for (const key of keys.values()) standings.set(key, standingOf(key, ask, this.#parts));
    return { chosen: this.#foresee(standings), standings };
  }
  #choose() {
    const { wanted, isFree } = this.#request;
    this.#roster = null;
    const few = this.#fewThatMay();
    if (few !== null) {
      for (const { account } of few) this.#hasRoom(account);
      return this.#chooseAmong(few);
    }
    if (isFree) {
      this.#roster = this.#parts.rosters.spare;
      const spared = this.#roster.pick(this.#acceptsReady, wanted);
      if (spared !== void 0) return spared;
    }
    this.#roster = this.#rosterOf(wanted);
    const key = this.#roster.pick(this.#acceptsReady, wanted);
    if (key !== void 0 || wanted.lastResorts <= 0) return key;
    const resting = this.#roster.pick(this.#acceptsResting, wanted);
    if (resting !== void 0) wanted.lastResorts--;
    return resting;
  }
  /** The keys of the one account that may serve, or those of a full pacing window; null when the choice is free. */
  #fewThatMay() {
    const { account, now } = this.#request.wanted;
    const { pacing, accounts } = this.#parts;
    if (account !== null) return accounts.get(account)?.keys ?? [];
    return pacing?.isFull(now) === true ? pacing.chosen(now) : null;
  }
  /** Of few keys the one with the fewest calls running; those that rest by our own guess last. */
  #chooseAmong(few) {
    const request = this.#request;
    const ask = request.ask();
    const standings = Array.from(few, (key) => ({ key, ...standingOf(key, ask, this.#parts) }));
    const ready2 = leastBusy(standings.filter(({ why }) => why === null));
    if (ready2 !== void 0 || request.wanted.lastResorts <= 0) return ready2;
    const resting = leastBusy(standings.filter(({ why }) => why === "resting"));
    if (resting !== void 0) request.wanted.lastResorts--;
    return resting;
  }
  #rosterOf(wanted) {
    const { model: model3, isFree } = this.#request;
    return model3.roster ?? this.#parts.rosters.ofRequest(isFree, wanted);
  }
  /** Whom `#choose` would give; asks those who were surveyed, because to ask for real leaves traces. */
  #foresee(standings) {
    const { wanted, isFree } = this.#request;
    const few = this.#fewThatMay();
    if (few !== null) return this.#chooseAmong(few);
    const isReady = (candidate) => standings.get(candidate)?.why === null;
    const isResting = (candidate) => standings.get(candidate)?.why === "resting";
    const spared = isFree ? this.#parts.rosters.spare.peek(isReady, wanted) : void 0;
    if (spared !== void 0) return spared;
    const roster = this.#rosterOf(wanted);
    const ready2 = roster.peek(isReady, wanted);
    return ready2 === void 0 ? roster.peek(isResting, wanted) : ready2;
  }
  #acceptsReady = (candidate) => this.#accepts(candidate) && hindranceOnModel(candidate, this.#request.model.name, this.#request.wanted.now) === void 0;
  #acceptsResting = (candidate) => this.#accepts(candidate) && hindranceOnModel(candidate, this.#request.model.name, this.#request.wanted.now) === "resting";
  /** Whether nothing but a rest on the model stands between a seated key and the request. */
  #accepts(key) {
    const request = this.#request;
    const { model: model3, wanted } = request;
    const { tried, now } = wanted;
    if (tried?.has(key) === true || model3.access?.allows(key) === false) return false;
    const { account } = key;
    if (account.health.status !== "ready" && lacksFunds(key, request.needsOn(key.site))) return false;
    const { pacing, concurrency } = this.#parts;
    if (pacing !== null && !pacing.allows(key, now)) return false;
    if (isBusy(key, concurrency)) return false;
    return this.#hasRoom(account);
  }
  #hasRoom(account) {
    const { model: model3, wanted, demand } = this.#request;
    const quota = account.quotaOf(model3.name) ?? this.#firstQuota(account);
    return quota === null || quota.fits(demand, wanted.now) || quota.hold(demand, wanted.now);
  }
  /** A limit that is declared holds from the first call on; the first of tokens makes the estimate matter. */
  #firstQuota(account) {
    const quota = this.#parts.quotas.of(account, this.#request.model);
    if (quota !== null) this.#request.estimate();
    return quota;
  }
  #begin(key) {
    const { account } = key;
    const { wanted, model: model3, demand } = this.#request;
    const { now } = wanted;
    const { rosters, quotas, pacing } = this.#parts;
    const roster = this.#roster;
    const quota = account.quotaOf(model3.name) ?? quotas.begin(account, model3);
    const turn = {
      key,
      account,
      model: model3.name,
      entry: model3,
      needs: this.#request.needsOn(key.site),
      startedAt: now,
      roster,
      quota,
      reservation: quota?.reserve(demand, now) ?? null,
      session: roster?.usesSession === true ? wanted.session : null,
      isReleased: false
    };
    key.inFlight++;
    account.inFlight++;
    this.#inFlight++;
    key.requests++;
    key.lastUsedAt = now;
    if (rosters.usesRates) account.requestRate.add(1, now);
    pacing?.begin(key, now);
    this.#markTrial(turn);
    return turn;
  }
  #markTrial(turn) {
    const { key, account, needs } = turn;
    const isOfAccount = account.trial === null && wouldTry(account.health, needs);
    const isOfKey = key.trial === null && key.health.status === "probing";
    if (isOfAccount) account.trial = turn;
    if (isOfKey) key.trial = turn;
    if (isOfAccount || isBusy(key, this.#parts.concurrency)) this.seatAll(account);
    else if (isOfKey) this.seat(key);
  }
  #isStuck(impasse, now) {
    const { wanted, model: model3, demand } = this.#request;
    if (wanted.tried !== null || wanted.account !== null || wanted.isFree) return false;
    if (impasse.epoch !== this.#epoch + model3.epoch || now >= impasse.until) return false;
    return demand.tokens >= impasse.tokens && demand.images >= impasse.images;
  }
  #refuse(now) {
    const parts = this.#parts;
    const { wanted, model: model3 } = this.#request;
    const ask = this.#request.ask();
    const standings = function* () {
      for (const key of parts.keys.values()) yield standingOf(key, ask, parts);
    };
    const refusal = refusalFor(standings(), model3.name, now);
    const isOfAll = wanted.tried === null && wanted.account === null && !wanted.isFree;
    if (isOfAll && wanted.lastResorts > 0) this.#remember(refusal, now);
    return refusal;
  }
  /** What nobody can serve now, nobody can serve until a rest ends or something changes. */
  #remember(refusal, now) {
    const { model: model3, demand } = this.#request;
    const until = now + (refusal.retryAfterMs ?? unknownEndMs);
    model3.impasse = { refusal, until, epoch: this.#epoch + model3.epoch, ...demand };
  }
};
var unknownEndMs = 1e3;
function stillRefused({ refusal, until }, now) {
  return refusal.retryAfterMs === void 0 ? refusal : { ...refusal, retryAfterMs: until - now };
}
function leastBusy(standings) {
  return standings.reduce(
    (best, { key }) => best === void 0 || key.inFlight < best.inFlight ? key : best,
    void 0
  );
}

// packages/core/src/strategy/better-of-two.ts
function betterOfTwo(urn, cost2, accepts) {
  for (let left = urn.size; left > 0; left -= 2) {
    const one = urn.draw(left);
    if (left === 1) return accepts(one) ? one : void 0;
    const other2 = urn.draw(left - 1);
    const isDearer = cost2(other2) < cost2(one);
    const [first, second2] = isDearer ? [other2, one] : [one, other2];
    if (accepts(first)) return first;
    if (accepts(second2)) return second2;
  }
  return void 0;
}

// packages/core/src/strategy/first-outputs.ts
var modelsKept = 32;
var failedMs = 5e3;
var slowestFailedMs = 3e4;
var idleFactor = 6;
var FirstOutputs = class {
  /** A short list is faster to search than a map, and a request in a thousand asks for a rare model. */
  #paces = /* @__PURE__ */ new WeakMap();
  #decayMs;
  constructor(decayMs) {
    this.#decayMs = decayMs;
  }
  /** The estimate in milliseconds; undefined when nothing was measured. */
  of(candidate, model3, now) {
    const pace = this.#paceOf(candidate, model3);
    return pace && pace.ms * fading(now - pace.measuredAt, this.#decayMs * idleFactor);
  }
  ended(candidate, { model: model3, kind, firstOutputMs, now }) {
    const ms = isFailure(kind) ? failed(this.of(candidate, model3, now)) : firstOutputMs;
    if (ms === null) return;
    const pace = this.#paceOf(candidate, model3);
    if (pace === void 0) return this.#remember(candidate, { model: model3, ms, measuredAt: now });
    const kept = ms > pace.ms ? 0 : fading(now - pace.measuredAt, this.#decayMs);
    pace.ms = ms + kept * (pace.ms - ms);
    pace.measuredAt = now;
  }
  #paceOf(candidate, model3) {
    return this.#paces.get(candidate)?.find((pace) => pace.model === model3);
  }
  #remember(candidate, pace) {
    const paces = this.#paces.get(candidate) ?? [];
    this.#paces.set(candidate, paces);
    if (paces.length < modelsKept) paces.push(pace);
    else paces[longestAgo(paces)] = pace;
  }
};
function longestAgo(paces) {
  return paces.reduce(
    (oldest, { measuredAt }, at) => measuredAt < (paces[oldest]?.measuredAt ?? 0) ? at : oldest,
    0
  );
}
var fading = (ageMs, decayMs) => Math.exp(-Math.max(0, ageMs) / decayMs);
var failed = (estimate = 0) => Math.max(failedMs, Math.min(slowestFailedMs, 2 * estimate));
var isFailure = (kind) => kind === "upstream-error" || kind === "network-error" || kind === "timeout" || kind === "truncated";

// packages/core/src/strategy/draws.ts
var Draws = class {
  #chance;
  #kept = [];
  /** How many of those kept have been used up, by the pick or by the look ahead that is under way. */
  #used = 0;
  #isAhead = false;
  /** `chance` answers numbers in [0, 1). */
  constructor(chance) {
    this.#chance = chance;
  }
  /** A whole number from 0 to below `limit`. */
  below(limit2) {
    return Math.floor(this.#next() * limit2);
  }
  /** Whatever `look` draws is drawn again afterwards. */
  ahead(look) {
    const used = this.#used;
    this.#isAhead = true;
    try {
      return look();
    } finally {
      this.#isAhead = false;
      this.#used = used;
    }
  }
  #next() {
    const kept = this.#kept[this.#used];
    if (kept === void 0) {
      const drawn = this.#chance();
      if (this.#isAhead) this.#used = this.#kept.push(drawn);
      return drawn;
    }
    this.#used++;
    if (this.#used === this.#kept.length && !this.#isAhead) {
      this.#kept.length = 0;
      this.#used = 0;
    }
    return kept;
  }
};

// packages/core/src/strategy/row.ts
var Row = class {
  #items = [];
  get length() {
    return this.#items.length;
  }
  /** Whoever stands there; the position must be one of the row's. */
  at(position) {
    return this.#items[position];
  }
  push(item) {
    item.position = this.#items.push(item) - 1;
  }
  /** The last of the row takes the place of whoever leaves. */
  remove(item) {
    this.swap(item.position, this.#items.length - 1);
    this.#items.pop();
    item.position = -1;
  }
  swap(one, other2) {
    if (one === other2) return;
    const [there, here] = [this.at(one), this.at(other2)];
    this.#put(here, one);
    this.#put(there, other2);
  }
  #put(item, position) {
    this.#items[position] = item;
    item.position = position;
  }
};

// packages/core/src/strategy/urn.ts
var Urn = class {
  #draws;
  #row = new Row();
  #balls = /* @__PURE__ */ new WeakMap();
  /** Places that were exchanged while looking ahead, pair by pair; null while draws count. */
  #exchanged = null;
  /** `chance` answers numbers in [0, 1). */
  constructor(chance) {
    this.#draws = new Draws(chance);
  }
  get size() {
    return this.#row.length;
  }
  has(candidate) {
    return (this.#balls.get(candidate)?.position ?? -1) >= 0;
  }
  add(candidate) {
    if (this.has(candidate)) return;
    const ball = this.#balls.get(candidate) ?? { candidate, position: -1 };
    this.#balls.set(candidate, ball);
    this.#row.push(ball);
  }
  remove(candidate) {
    const ball = this.#balls.get(candidate);
    if (ball !== void 0 && ball.position >= 0) this.#row.remove(ball);
  }
  /**
   * Draws from the first `left`, and puts whoever is drawn behind them: with `left` counting down from the size it is
   * a shuffle as far as needed.
   */
  draw(left) {
    const drawn = this.#draws.below(left);
    const { candidate } = this.#row.at(drawn);
    this.#row.swap(drawn, left - 1);
    this.#exchanged?.push(drawn, left - 1);
    return candidate;
  }
  /** Whatever `look` draws is put back, and drawn again in the same order afterwards. */
  ahead(look) {
    const exchanged = [];
    this.#exchanged = exchanged;
    try {
      return this.#draws.ahead(look);
    } finally {
      this.#exchanged = null;
      for (let last = exchanged.length - 1; last > 0; last -= 2)
        this.#row.swap(exchanged[last] ?? 0, exchanged[last - 1] ?? 0);
    }
  }
};

// packages/core/src/strategy/fastest.ts
var untriedMs = 1e4;
function fastest(chance, { decayMs = 1e4 } = {}) {
  const urn = new Urn(chance);
  const firstOutputs = new FirstOutputs(decayMs);
  const pick = (accepts, { model: model3, now }) => {
    const cost2 = (candidate) => {
      const { inFlight } = candidate;
      const ms = firstOutputs.of(candidate, model3, now) ?? (inFlight === 0 ? 0 : untriedMs);
      return ms * (inFlight + 1);
    };
    return betterOfTwo(urn, cost2, accepts);
  };
  return {
    add: (candidate) => urn.add(candidate),
    remove: (candidate) => urn.remove(candidate),
    pick,
    peek: (accepts, request) => urn.ahead(() => pick(accepts, request)),
    ended: (candidate, pick2) => firstOutputs.ended(candidate, pick2)
  };
}

// packages/core/src/strategy/field.ts
var exactSize = 64;
var sampleSize = 16;
var slideBy = 2;
var Field = class {
  #draws;
  #judge;
  #row = new Row();
  #comparison = { compared: [], costs: new Float64Array(exactSize), count: 0 };
  /** Where the sample begins. */
  #start = 0;
  constructor(chance, judge) {
    this.#draws = new Draws(chance);
    this.#judge = judge;
  }
  /** Seats it anywhere: keys that come in order of their balance, say, must not sit together. */
  add(seat) {
    this.#row.push(seat);
    this.#row.swap(this.#draws.below(this.#row.length), seat.position);
  }
  remove(seat) {
    this.#row.remove(seat);
  }
  /** The best one that is accepted. */
  find(accepts, now) {
    const size = this.#row.length;
    if (size <= exactSize) return this.#best({ first: 0, count: size }, accepts, now);
    const samples = Math.ceil(size / sampleSize);
    let stride = 0;
    for (let done = 0, sample = 0; done < samples; done++, sample = (sample + stride) % samples) {
      const skipped = sample * sampleSize;
      const count = Math.min(sampleSize, size - skipped);
      const best = this.#best({ first: this.#start + skipped, count }, accepts, now);
      if (best !== void 0) return best;
      stride ||= coprimeFrom(1 + this.#draws.below(samples - 1), samples);
    }
    return void 0;
  }
  /** Moves the sample on. One of those left behind changes places with anyone, so that nobody keeps its neighbours. */
  slide() {
    const size = this.#row.length;
    if (size <= exactSize) return;
    const start = this.#start % size;
    this.#row.swap(start, this.#draws.below(size));
    this.#start = start + slideBy;
  }
  /** The best accepted of `count` neighbours. */
  #best({ first, count }, accepts, now) {
    const comparison = this.#comparison;
    const row = this.#row;
    for (let place = 0; place < count; place++)
      comparison.compared[place] = row.at((first + place) % row.length);
    comparison.count = count;
    this.#judge(comparison, now);
    return firstAccepted(comparison, accepts);
  }
  /** Whatever `look` draws is drawn again afterwards. */
  ahead(look) {
    return this.#draws.ahead(look);
  }
};
function firstAccepted(comparison, accepts) {
  const { compared, costs } = comparison;
  for (let last = comparison.count - 1; last >= 0; last--) {
    const best = cheapest(compared, costs, last);
    const seat = compared[best];
    if (accepts(seat)) return seat;
    compared[best] = compared[last];
    costs[best] = costs[last];
  }
  return void 0;
}
function cheapest(compared, costs, last) {
  let best = 0;
  let lowest = costs[0];
  for (let place = 1; place <= last; place++) {
    const cost2 = costs[place];
    if (cost2 > lowest) continue;
    if (cost2 === lowest && compared[place].turn > compared[best].turn) continue;
    best = place;
    lowest = cost2;
  }
  return best;
}
function coprimeFrom(number2, other2) {
  while (greatestDivisor(number2, other2) > 1) number2++;
  return number2;
}
var greatestDivisor = (one, other2) => other2 === 0 ? one : greatestDivisor(other2, one % other2);

// packages/core/src/strategy/scored.ts
function scored(chance, scoring2) {
  const field = new Field(chance, scoring2.judge);
  const seats = /* @__PURE__ */ new WeakMap();
  let turns = 0;
  return {
    add(candidate) {
      const known = seats.get(candidate);
      if (known !== void 0 && known.position >= 0) return;
      const seat = known ?? seatOf(candidate);
      seats.set(candidate, seat);
      seat.turn = turns++;
      scoring2.joined?.(seat, known === void 0);
      field.add(seat);
    },
    remove(candidate) {
      const seat = seats.get(candidate);
      if (seat !== void 0 && seat.position >= 0) field.remove(seat);
    },
    pick(accepts, { now }) {
      const served = field.find((seat) => {
        seat.turn = turns++;
        if (accepts(seat.candidate)) return true;
        scoring2.passed?.(seat);
        return false;
      }, now);
      field.slide();
      if (served !== void 0) scoring2.served?.(served, now);
      return served?.candidate;
    },
    peek(accepts, { now }) {
      return field.ahead(() => field.find(({ candidate }) => accepts(candidate), now))?.candidate;
    }
  };
}
var seatOf = (candidate) => ({
  candidate,
  position: -1,
  turn: 0,
  lift: 0,
  liftedAt: 0,
  isOwedNothing: false
});

// packages/core/src/strategy/scoring.ts
function byCost(cost2) {
  return {
    judge({ compared, costs, count }, now) {
      for (let place = 0; place < count; place++)
        costs[place] = cost2(compared[place].candidate, now);
    }
  };
}

// packages/core/src/strategy/high-balance.ts
function highBalance(chance) {
  return scored(chance, byCost(cost));
}
function cost({ balance }) {
  if (balance === null) return 0;
  return balance > 0 ? -balance : 1 - balance;
}

// packages/core/src/strategy/high-success-rate.ts
function highSuccessRate(chance) {
  return scored(
    chance,
    byCost((candidate) => -successRate(candidate))
  );
}
function successRate({ successes, failures }) {
  const ended = successes + failures;
  return ended === 0 ? 1 : successes / ended;
}

// packages/core/src/strategy/least-in-flight.ts
function leastInFlight(chance) {
  return scored(
    chance,
    byCost(({ inFlight }) => inFlight)
  );
}

// packages/core/src/strategy/levelled.ts
function levelled({ figure, fadeMs = Number.POSITIVE_INFINITY, startsAt }) {
  let level = 0;
  const liftedFigure = (seat, now) => {
    const lift = seat.lift === 0 ? 0 : seat.lift * Math.max(0, 1 - Math.max(0, now - seat.liftedAt) / fadeMs);
    return figure(seat.candidate, now) + lift;
  };
  return {
    judge({ compared, costs, count }, now) {
      for (let place = 0; place < count; place++) {
        const seat = compared[place];
        const cost2 = liftedFigure(seat, now);
        costs[place] = seat.isOwedNothing ? Math.max(cost2, level) : cost2;
      }
    },
    joined(seat, isFirst) {
      seat.isOwedNothing = true;
      if (isFirst && startsAt !== void 0) seat.lift = startsAt - figure(seat.candidate, 0);
    },
    passed(seat) {
      seat.isOwedNothing = true;
    },
    served(seat, now) {
      const cost2 = liftedFigure(seat, now);
      if (!seat.isOwedNothing || cost2 >= level) level = cost2;
      else {
        seat.lift = level - figure(seat.candidate, now);
        seat.liftedAt = now;
      }
      seat.isOwedNothing = false;
    }
  };
}

// packages/core/src/strategy/least-used.ts
function leastUsed(chance) {
  return scored(chance, levelled({ figure: ({ requests }) => requests, startsAt: 0 }));
}

// packages/core/src/strategy/low-balance.ts
function lowBalance(chance) {
  return scored(
    chance,
    byCost(({ balance }) => balance ?? Number.POSITIVE_INFINITY)
  );
}

// packages/core/src/strategy/low-rpm.ts
function lowRpm(chance) {
  return scored(chance, levelled({ figure: (candidate, now) => candidate.rpm(now), fadeMs: 6e4 }));
}

// packages/core/src/strategy/low-tpm.ts
function lowTpm(chance) {
  return scored(chance, levelled({ figure: (candidate, now) => candidate.tpm(now), fadeMs: 6e4 }));
}

// packages/core/src/strategy/random.ts
function random(chance) {
  const urn = new Urn(chance);
  const pick = (accepts) => {
    for (let left = urn.size; left > 0; left--) {
      const drawn = urn.draw(left);
      if (accepts(drawn)) return drawn;
    }
    return void 0;
  };
  return {
    add: (candidate) => urn.add(candidate),
    remove: (candidate) => urn.remove(candidate),
    pick,
    peek: (accepts) => urn.ahead(() => pick(accepts))
  };
}

// packages/core/src/strategy/round-robin.ts
function roundRobin() {
  const seats = /* @__PURE__ */ new Map();
  let turn;
  return {
    add(candidate) {
      if (seats.has(candidate)) return;
      const seat = { candidate };
      const next = turn ?? seat;
      const previous = turn?.previous ?? seat;
      seat.next = next;
      seat.previous = previous;
      previous.next = seat;
      next.previous = seat;
      seats.set(candidate, seat);
      turn ??= seat;
    },
    remove(candidate) {
      const seat = seats.get(candidate);
      if (seat === void 0) return;
      seats.delete(candidate);
      seat.previous.next = seat.next;
      seat.next.previous = seat.previous;
      if (turn === seat) turn = seats.size === 0 ? void 0 : seat.next;
    },
    pick(accepts) {
      for (let offered = 0; offered < seats.size && turn !== void 0; offered++) {
        const { candidate } = turn;
        turn = turn.next;
        if (accepts(candidate)) return candidate;
      }
      return void 0;
    },
    peek(accepts) {
      let seat = turn;
      for (let offered = 0; offered < seats.size && seat !== void 0; offered++, seat = seat.next) {
        if (accepts(seat.candidate)) return seat.candidate;
      }
      return void 0;
    }
  };
}

// packages/core/src/strategy/ordered-runs.ts
var longestRun = 512;
var OrderedRuns = class {
  #runs = [];
  add(candidate) {
    const at = this.#runFor(candidate);
    const run = this.#runs[at];
    if (run === void 0) {
      this.#runs.push([candidate]);
      return;
    }
    const place = firstFrom(run, (other2) => other2.order >= candidate.order);
    if (run[place] === candidate) return;
    run.splice(place, 0, candidate);
    if (run.length > longestRun) this.#runs.splice(at + 1, 0, run.splice(longestRun >> 1));
  }
  remove(candidate) {
    const at = this.#runFor(candidate);
    const run = this.#runs[at];
    if (run === void 0) return;
    const place = firstFrom(run, (other2) => other2.order >= candidate.order);
    if (run[place] !== candidate) return;
    run.splice(place, 1);
    if (run.length === 0) this.#runs.splice(at, 1);
  }
  /** The oldest one that is accepted. */
  find(accepts) {
    for (const run of this.#runs) for (const candidate of run) if (accepts(candidate)) return candidate;
    return void 0;
  }
  /** Where the run is that has or would have the candidate: the last one that begins no later. */
  #runFor({ order }) {
    const next = firstFrom(this.#runs, ([first]) => first !== void 0 && first.order > order);
    return Math.max(0, next - 1);
  }
};
function firstFrom(items, isTrue) {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = low + high >>> 1;
    if (isTrue(items[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

// packages/core/src/strategy/sequential.ts
function sequential() {
  const ordered = new OrderedRuns();
  return {
    add: (candidate) => ordered.add(candidate),
    remove: (candidate) => ordered.remove(candidate),
    pick: (accepts) => ordered.find(accepts),
    peek: (accepts) => ordered.find(accepts)
  };
}

// packages/core/src/strategy/loads.ts
var Loads = class {
  #seen = /* @__PURE__ */ new Map();
  #total = 0;
  /** Running on each, on average, with one more attempt than now. */
  get nextMean() {
    return (this.#total + 1) / this.#seen.size;
  }
  add(candidate) {
    if (this.#seen.has(candidate)) return;
    this.#seen.set(candidate, 0);
    this.see(candidate, candidate.inFlight);
  }
  remove(candidate) {
    this.see(candidate, 0);
    this.#seen.delete(candidate);
  }
  /** Notes how many attempts run on a candidate, unless it has left. */
  see(candidate, inFlight) {
    const seen = this.#seen.get(candidate);
    if (seen === void 0) return;
    this.#total += inFlight - seen;
    this.#seen.set(candidate, inFlight);
  }
};

// packages/core/src/strategy/sessions.ts
var Sessions = class {
  #idleMs;
  #maxSessions;
  #bonds = /* @__PURE__ */ new Map();
  #oldest;
  #newest;
  constructor({ idleMs, maxSessions }) {
    this.#idleMs = idleMs;
    this.#maxSessions = maxSessions;
  }
  get size() {
    return this.#bonds.size;
  }
  /** The bond of a session that was not idle for too long. */
  find(session, now) {
    const bond = session === null ? void 0 : this.#bonds.get(session);
    return bond === void 0 || this.#isIdle(bond, now) ? void 0 : bond;
  }
  /** Binds a session that has no bond, or none any more. */
  bind(session, home, now) {
    const former = this.#bonds.get(session);
    if (former !== void 0) this.#forget(former);
    const bond = { session, home, substitute: void 0, usedAt: now, older: void 0, newer: void 0 };
    this.#bonds.set(session, bond);
    this.#append(bond);
    while (this.#oldest !== void 0 && (this.size > this.#maxSessions || this.#isIdle(this.#oldest, now)))
      this.#forget(this.#oldest);
  }
  /** A substitute that failed is none any more; one that served well is where the session lives from now on. */
  ended(bond, candidate, isSuccess) {
    if (candidate !== bond.substitute) return;
    bond.substitute = void 0;
    if (isSuccess) bond.home = candidate;
  }
  /** Whoever serves and is not the session's home is its substitute. */
  served(bond, candidate, now) {
    if (candidate !== bond.home) bond.substitute = candidate;
    bond.usedAt = now;
    if (bond === this.#newest) return;
    this.#unlink(bond);
    this.#append(bond);
  }
  #isIdle({ usedAt }, now) {
    return now - usedAt > this.#idleMs;
  }
  #forget(bond) {
    this.#bonds.delete(bond.session);
    this.#unlink(bond);
  }
  #append(bond) {
    bond.older = this.#newest;
    bond.newer = void 0;
    if (this.#newest === void 0) this.#oldest = bond;
    else this.#newest.newer = bond;
    this.#newest = bond;
  }
  #unlink({ older, newer }) {
    if (older === void 0) this.#oldest = newer;
    else older.newer = newer;
    if (newer === void 0) this.#newest = older;
    else newer.older = older;
  }
};

// packages/core/src/strategy/sticky.ts
function sticky(chance, { idleMs = 18e5, maxSessions = 5e4, maxLoad = 1.5 } = {}) {
  const urn = new Urn(chance);
  const loads = new Loads();
  const sessions = new Sessions({ idleMs, maxSessions });
  const choose = (accepts, bond) => {
    const bound = Math.ceil(maxLoad * loads.nextMean);
    const isCrowded = ({ inFlight }) => inFlight + 1 > bound;
    const refused2 = [];
    for (const familiar of bond === void 0 ? [] : [bond.home, bond.substitute]) {
      if (familiar === void 0 || !urn.has(familiar) || isCrowded(familiar)) continue;
      if (accepts(familiar)) return familiar;
      refused2.push(familiar);
    }
    return lessLoaded(urn, isCrowded, (candidate) => !refused2.includes(candidate) && accepts(candidate));
  };
  return {
    usesSession: true,
    add(candidate) {
      urn.add(candidate);
      loads.add(candidate);
    },
    remove(candidate) {
      urn.remove(candidate);
      loads.remove(candidate);
    },
    pick(accepts, { session, now }) {
      const bond = sessions.find(session, now);
      const chosen = choose(accepts, bond);
      if (chosen === void 0) return void 0;
      loads.see(chosen, chosen.inFlight + 1);
      if (bond !== void 0) sessions.served(bond, chosen, now);
      else if (session !== null) sessions.bind(session, chosen, now);
      return chosen;
    },
    peek: (accepts, { session, now }) => urn.ahead(() => choose(accepts, sessions.find(session, now))),
    ended(candidate, { session, kind, now }) {
      loads.see(candidate, candidate.inFlight);
      const bond = sessions.find(session, now);
      if (bond !== void 0) sessions.ended(bond, candidate, kind === "success");
    }
  };
}
var looks = 32;
var runningOn = ({ inFlight }) => inFlight;
function lessLoaded(urn, isCrowded, accepts) {
  const crowded = [];
  const found = betterOfTwo(urn, runningOn, (candidate) => {
    if (crowded.length === looks || !isCrowded(candidate)) return accepts(candidate);
    crowded.push(candidate);
    return false;
  });
  return found ?? crowded.sort((one, other2) => one.inFlight - other2.inFlight).find(accepts);
}

// packages/core/src/strategy/weighted.ts
var isBefore = (one, other2) => one.bill !== other2.bill ? one.bill < other2.bill : one.turn < other2.turn;
function weighted() {
  const shares = /* @__PURE__ */ new Map();
  const queue = new MinHeap(isBefore);
  let turns = 0;
  let now = 0;
  const top = () => {
    for (let share = queue.peek(); share !== void 0; share = queue.peek()) {
      if (share.isSeated) return share;
      queue.pop();
      if (shares.get(share.candidate) === share) shares.delete(share.candidate);
    }
    return void 0;
  };
  return {
    add(candidate) {
      const { weight } = candidate;
      const known = shares.get(candidate);
      if (known?.weight === weight) {
        known.isSeated = true;
        return;
      }
      const debt = known === void 0 ? 0 : Math.max(0, known.bill - now) * known.weight / weight;
      if (known !== void 0) known.isSeated = false;
      const share = { candidate, weight, bill: now + debt, turn: turns++, isSeated: true };
      shares.set(candidate, share);
      queue.push(share);
    },
    remove(candidate) {
      const share = shares.get(candidate);
      if (share !== void 0) share.isSeated = false;
    },
    pick(accepts) {
      let passed;
      let picked;
      for (let share = top(); share !== void 0 && picked === void 0; share = top()) {
        now = share.bill;
        share.bill += 1 / share.weight;
        share.turn = turns++;
        if (accepts(share.candidate)) {
          queue.replaceTop(share);
          picked = share.candidate;
        } else {
          queue.pop();
          passed ??= [];
          passed.push(share);
        }
      }
      if (passed !== void 0) for (const share of passed) queue.push(share);
      return picked;
    },
    peek: (accepts) => queue.find(({ isSeated, candidate }) => isSeated && accepts(candidate))?.candidate
  };
}

// packages/core/src/strategy/weighted-score.ts
var defaultScoreWeights = Object.freeze({
  balance: 0.4,
  success: 0.3,
  rpm: 0.15,
  tpm: 0.15,
  usage: 0
});
var fullBalance = 14;
function weightedScore(chance, weights = defaultScoreWeights) {
  return scored(chance, scoring(normalised(weights)));
}
function normalised({
  balance = 0,
  success: success2 = 0,
  rpm = 0,
  tpm = 0,
  usage = 0
}) {
  const sum = balance + success2 + rpm + tpm + usage;
  return {
    balance: balance / sum,
    success: success2 / sum,
    rpm: rpm / sum,
    tpm: tpm / sum,
    usage: usage / sum
  };
}
function scoring(weights) {
  const rpms = new Float64Array(exactSize);
  const tpms = new Float64Array(exactSize);
  return {
    judge({ compared, costs, count }, now) {
      let [maxRpm, maxTpm, maxUsage] = [0, 0, 0];
      for (let place = 0; place < count; place++) {
        const { candidate } = compared[place];
        const [rpm, tpm] = [candidate.rpm(now), candidate.tpm(now)];
        rpms[place] = rpm;
        tpms[place] = tpm;
        maxRpm = Math.max(maxRpm, rpm);
        maxTpm = Math.max(maxTpm, tpm);
        maxUsage = Math.max(maxUsage, candidate.requests);
      }
      for (let place = 0; place < count; place++) {
        const { candidate } = compared[place];
        costs[place] = -(weights.balance * balanceShare(candidate) + weights.success * successRate(candidate) + weights.rpm * room(rpms[place], maxRpm) + weights.tpm * room(tpms[place], maxTpm) + weights.usage * room(candidate.requests, maxUsage));
      }
    }
  };
}
var room = (figure, highest) => highest === 0 ? 1 : 1 - figure / highest;
var balanceShare = ({ balance }) => Math.min(1, Math.max(0, balance ?? 0) / fullBalance);

// packages/core/src/strategy/named.ts
var strategies = {
  "round-robin": roundRobin,
  random,
  weighted,
  sequential,
  "least-in-flight": leastInFlight,
  "least-used": leastUsed,
  "low-rpm": lowRpm,
  "low-tpm": lowTpm,
  "high-balance": highBalance,
  "low-balance": lowBalance,
  "high-success-rate": highSuccessRate,
  "weighted-score": weightedScore,
  fastest,
  sticky
};
var strategyNames = Object.keys(strategies);
function namedStrategy(choice, chance) {
  if (typeof choice === "string") return strategies[choice](chance);
  if (choice.name === "weighted-score") return weightedScore(chance, choice.weights);
  return choice.name === "fastest" ? fastest(chance, choice) : sticky(chance, choice);
}

// packages/core/src/strategy/roster.ts
var Roster = class {
  #strategy;
  #members = /* @__PURE__ */ new Set();
  #onFault;
  #substitute = null;
  usesSession;
  wantsEnds;
  /** `onFault` is given for a user's own strategy; ours are not watched. */
  constructor(strategy, onFault = null) {
    this.#strategy = strategy;
    this.#onFault = onFault;
    this.usesSession = strategy.usesSession === true;
    this.wantsEnds = typeof strategy.ended === "function";
  }
  get size() {
    return this.#members.size;
  }
  /** Seats a key, or takes it off. */
  set(key, isMember) {
    if (isMember === this.#members.has(key)) return;
    if (isMember) {
      this.#members.add(key);
      this.#substitute?.add(key);
      this.#guarded(() => this.#strategy.add(key));
    } else {
      this.#members.delete(key);
      this.#substitute?.remove(key);
      this.#guarded(() => this.#strategy.remove(key));
    }
  }
  pick(accepts, request) {
    if (this.#members.size === 0) return void 0;
    if (this.#onFault === null) return this.#strategy.pick(accepts, request);
    const picked = this.#guarded(() => this.#strategy.pick(accepts, request));
    if (picked.isDone && picked.value === void 0) return this.#pickUnknown(accepts, request);
    if (picked.isDone && this.#mayServe(picked.value, accepts)) return picked.value;
    if (picked.isDone)
      this.#fault(`picked ${nameOf(picked.value)}, which is no key that it was given and told to be accepted`);
    return this.#stepIn().pick(accepts, request);
  }
  /** Whom `pick` would give; null when its strategy cannot tell in advance. */
  peek(accepts, request) {
    const { peek } = this.#strategy;
    if (peek === void 0) return null;
    const seen = this.#guarded(() => peek.call(this.#strategy, accepts, request));
    if (!seen.isDone) return null;
    const isKnown = this.#onFault === null || seen.value === void 0 || this.#mayServe(seen.value, accepts);
    return isKnown ? seen.value : null;
  }
  ended(key, pick) {
    this.#guarded(() => this.#strategy.ended?.(key, pick));
  }
  /** One that failed before may have missed who came: that it has nobody does not mean that there is nobody. */
  #pickUnknown(accepts, request) {
    return this.#substitute?.pick(accepts, request);
  }
  /** A strategy that ignores `accepts` would have a request call refused keys for ever. */
  #mayServe(candidate, accepts) {
    return candidate !== void 0 && this.#members.has(candidate) && accepts(candidate);
  }
  /** Runs a step of the strategy's; ours cannot fail. */
  #guarded(step) {
    if (this.#onFault === null) return { isDone: true, value: step() };
    try {
      return { isDone: true, value: step() };
    } catch (error) {
      this.#fault("threw", error);
      return { isDone: false };
    }
  }
  #fault(what, cause) {
    if (this.#substitute === null) this.#onFault?.(what, cause);
    this.#stepIn();
  }
  #stepIn() {
    if (this.#substitute !== null) return this.#substitute;
    this.#substitute = roundRobin();
    for (const member of this.#members) this.#substitute.add(member);
    return this.#substitute;
  }
};
var nameOf = (value) => typeof value === "object" && value !== null && "id" in value ? `"${String(value.id)}"` : typeof value;

// packages/core/src/strategy/rosters.ts
var defaultAboveTokens = 5e3;
var Rosters = class {
  /** For free models, before any other. */
  spare;
  #usual;
  #free;
  #large;
  #stream;
  #largeAbove;
  #models;
  #all = [];
  /** Whether any strategy here compares requests or tokens per minute: they are counted only then. */
  usesRates;
  constructor({ strategy, rules, chance, onFault }) {
    const own = /* @__PURE__ */ new Map();
    let usesRates = false;
    const rosterOf = (choice) => {
      usesRates ||= isOwn(choice) || comparesRates.has(typeof choice === "string" ? choice : choice.name);
      const known = isOwn(choice) ? own.get(choice) : void 0;
      if (known !== void 0) return known;
      const roster = isOwn(choice) ? new Roster(choice, onFault) : new Roster(namedStrategy(choice, chance));
      if (isOwn(choice)) own.set(choice, roster);
      this.#all.push(roster);
      return roster;
    };
    const { free, large, stream, models = {} } = rules;
    this.#usual = rosterOf(strategy);
    this.#free = free === void 0 ? this.#usual : rosterOf(free);
    const largeChoice = typeof large === "object" ? large.strategy : large;
    this.#large = largeChoice === void 0 ? null : rosterOf(largeChoice);
    this.#largeAbove = (typeof large === "object" ? large.aboveTokens : void 0) ?? defaultAboveTokens;
    this.#stream = stream === void 0 ? null : rosterOf(stream);
    this.#models = new ModelPatterns(byModel(models, rosterOf));
    const spare = free ?? strategy;
    this.spare = new Roster(namedStrategy(isOwn(spare) ? "round-robin" : spare, chance));
    this.usesRates = usesRates;
  }
  /** The roster of the model's own rule, if it has one. */
  ofModel(model3) {
    return this.#models.get(model3);
  }
  /** The roster that serves a request whose model has none of its own. */
  ofRequest(isFree, request) {
    if (isFree) return this.#free;
    if (this.#large !== null && request.promptTokens > this.#largeAbove) return this.#large;
    return this.#stream !== null && request.isStream ? this.#stream : this.#usual;
  }
  /** Seats a key where nothing stands against it. */
  review(key, hindrance) {
    const isReady = hindrance === void 0;
    for (const roster of this.#all) roster.set(key, isReady);
    this.spare.set(key, isSpare(key, hindrance));
  }
};
var comparesRates = /* @__PURE__ */ new Set(["low-rpm", "low-tpm", "weighted-score"]);
var isOwn = (choice) => typeof choice === "object" && "pick" in choice;
var isSpare = (key, hindrance) => isAboutFunds(key, hindrance) && !lacksFunds(key, "nothing");
function byModel(models, rosterOf) {
  const rosters = {};
  for (const [pattern, rule] of Object.entries(models)) {
    const strategy = strategyOf(rule);
    if (strategy !== void 0) rosters[pattern] = rosterOf(strategy);
  }
  return rosters;
}
var strategyOf = (rule) => typeof rule === "string" ? rule : rule.strategy;

// packages/core/src/keyring.ts
var Keyring = class {
  keys = /* @__PURE__ */ new Map();
  accounts;
  #accounts = new Accounts();
  #options;
  #quotas;
  #selection;
  #judgement;
  #clock;
  #selected = null;
  #added = 0;
  constructor(options) {
    this.#options = options;
    const { provider: provider2, runtime, events, strategy, rules, catalogue, limits, concurrency, pacing } = options;
    const { keys } = this;
    const accounts = this.#accounts.byId;
    this.accounts = accounts;
    const rosters = new Rosters({
      strategy,
      rules,
      chance: runtime.random,
      // Not in the middle of a pick: whoever is told may ask the pool for something in turn.
      onFault: (fault, cause) => queueMicrotask(() => events.emit("strategy-fault", { fault, cause }))
    });
    const models = new ModelBook({ provider: provider2, catalogue, rules, rosters });
    this.#quotas = new Quotas({
      models,
      limits: new DeclaredLimits(limits),
      learns: limits.learn ?? true,
      dayOffsetMs: provider2.dayOffsetMs
    });
    this.#selection = new Selection({
      rosters,
      models,
      quotas: this.#quotas,
      concurrency,
      pacing,
      keys,
      accounts
    });
    this.#judgement = new Judgement({
      options: options.health,
      selection: this.#selection,
      runtime,
      events,
      dayOffsetMs: provider2.dayOffsetMs,
      keys,
      accounts,
      onAccountHealth: (account) => this.#clock.watchAccount(account),
      onKeyHealth: (key) => this.#watchOver(key)
    });
    this.#clock = new RestClock({
      runtime,
      keys,
      accounts,
      onAccountRested: (account, now) => this.#judgement.setAccountHealth(account, wake(account.health, now)),
      onKeyRested: (key, now) => this.#wakeKey(key, now),
      onSetBack: () => this.#selection.refresh()
    });
  }
  /** Attempts running now. */
  get inFlight() {
    return this.#selection.inFlight;
  }
  /** The account that a key belongs to, made when it is new. */
  accountFor(key) {
    return this.#accounts.for(key);
  }
  /** The upstream told whose key it is. Keys that turn out to be of one account share its limits and money. */
  recognise(key, upstreamAccount) {
    if (!key.isHeld || key.upstreamAccount === upstreamAccount) return;
    this.change(key, () => {
      key.upstreamAccount = upstreamAccount;
      key.account = this.accountFor(key);
    });
    this.#options.onChange(key, key.account);
  }
  /** The accounts with a key that is enabled and not refused, the oldest first. */
  usableAccounts() {
    const ids = /* @__PURE__ */ new Set();
    for (const { account, enabled, selected, health } of this.keys.values()) {
      const isUsable = enabled && selected && health.status !== "invalid" && account.health.status !== "invalid";
      if (isUsable) ids.add(account.id);
    }
    return Array.from(ids);
  }
  /** Takes a key in. One whose id is known already stays out: the known one has leases and a history. */
  add(key) {
    if (this.keys.has(key.id)) return;
    key.isHeld = true;
    key.order = this.#added++;
    key.selected = this.#selected?.has(key) ?? true;
    this.keys.set(key.id, key);
    key.account.keys.add(key);
    if (key.account.keys.size === 1) this.#clock.watchAccount(key.account);
    if (key.health.status === "cooling") this.#watchOver(key);
    this.#selection.seat(key);
    this.#options.onFree(null);
  }
  remove(key) {
    if (!key.isHeld) return;
    key.isHeld = false;
    this.keys.delete(key.id);
    this.#selection.unseat(key);
    this.#leave(key, key.account);
    this.#options.pacing?.forget(key);
    this.#selection.refresh();
  }
  /** Applies a change of the operator's to a key, whose seat may depend on it. */
  change(key, apply) {
    if (!key.isHeld) return;
    this.#selection.unseat(key);
    const before = key.account;
    apply();
    if (key.account !== before) {
      key.account.keys.add(key);
      this.#leave(key, before);
    }
    key.selected = this.#selected?.has(key) ?? true;
    this.#selection.seat(key);
    this.#options.onFree(null);
  }
  /** Which keys may serve at all. */
  select(mode, names2) {
    this.#selected = mode === "all" ? null : new KeyNames(names2);
    for (const key of this.keys.values()) {
      key.selected = this.#selected?.has(key) ?? true;
      this.#selection.seat(key);
    }
    this.#selection.refresh();
    this.#options.onFree(null);
  }
  /** Sets what a check or the operator found out, whatever the state was. */
  restore(key, found) {
    const { account } = key;
    if (found.key?.status === "ready") key.failuresInRow = 0;
    if (found.key !== void 0) this.#judgement.setKeyHealth(key, found.key);
    if (found.account !== void 0) this.#judgement.setAccountHealth(account, found.account);
    if (found.balance !== void 0) account.balance = found.balance;
    if (found.forgetCooldowns === true) account.forgetRests();
    this.#selection.seatAll(account);
    this.#options.onChange(key, account);
    this.#options.onFree(null);
  }
  /** Goes on with what a stored account had used and learned. */
  restoreQuotas(account, states) {
    this.#quotas.restore(account, states, this.#clock.now());
  }
  /** The key that serves next, its attempt already counted as running; or why there is none. */
  take(wanted) {
    return this.#selection.take(wanted, this.#clock.wakeDue());
  }
  /** How every key stands to a request, and who would serve it; null when its strategy cannot tell in advance. */
  survey(wanted) {
    return this.#selection.survey(wanted, this.#clock.wakeDue());
  }
  /** Gives back the places of an attempt that nobody will report on; a report that still comes is heard. */
  release(turn) {
    const now = this.#clock.now();
    const isTrial = this.#endTrials(turn);
    this.#selection.release(turn, now, { tokens: null, isRefused: false });
    if (isTrial.ofAccount) this.#selection.seatAll(turn.account);
    if (isTrial.ofKey && turn.key.isHeld) this.#selection.seat(turn.key);
    this.#tellFree(turn, isTrial);
  }
  /** Ends an attempt and moves the state by its outcome. */
  settle(turn, outcome, figures) {
    const now = this.#clock.now();
    const { key, account } = turn;
    const trials = this.#endTrials(turn);
    this.#selection.release(turn, now, {
      tokens: figures.usage?.totalTokens ?? null,
      isRefused: didNotRun(outcome)
    });
    this.#count(turn, outcome, figures, now);
    if (key.isHeld) {
      this.#judgement.judge(turn, outcome, trials, now);
      this.#options.onChange(key, key.account);
    }
    if (trials.ofAccount) this.#selection.seatAll(account);
    if (trials.ofKey && key.isHeld) this.#selection.seat(key);
    this.#tellFree(turn, trials);
  }
  /** What a free request found out about a key that rests. */
  answer(key, outcome) {
    if (!key.isHeld) return;
    this.#judgement.answer(key, outcome, this.#clock.now());
    this.#options.onChange(key, key.account);
    this.#options.onFree(null);
  }
  #count(turn, outcome, { usage, firstOutputMs }, now) {
    const { key, roster, model: model3, session } = turn;
    if (outcome.kind === "success") key.successes++;
    else if (outcome.fault !== void 0 && outcome.fault !== "caller" && outcome.fault !== "model")
      key.failures++;
    if (usage !== null) {
      key.promptTokens += usage.promptTokens;
      key.completionTokens += usage.completionTokens;
      this.#selection.count(turn, usage, now);
    }
    if (roster?.wantsEnds === true)
      roster.ended(key, { model: model3, session, kind: outcome.kind, firstOutputMs, now });
  }
  /** Limits hold for one model; places and trials are what requests for any other may wait for, too. */
  #tellFree({ model: model3 }, trials) {
    const { concurrency, pacing, onFree } = this.#options;
    const isForAll = trials.ofAccount || trials.ofKey || pacing !== null || isLimited(concurrency);
    onFree(isForAll ? null : model3);
  }
  #endTrials(turn) {
    const { key, account } = turn;
    const trials = { ofAccount: account.trial === turn, ofKey: key.trial === turn };
    if (trials.ofAccount) account.trial = null;
    if (trials.ofKey) key.trial = null;
    return trials;
  }
  /** Somebody asks about a key in trouble when its rest is over; without anybody, the clock lets one request try. */
  #watchOver(key) {
    if (key.health.status !== "cooling") return;
    if (this.#options.health.probes) this.#options.onTrouble(key);
    else this.#clock.watchKey(key);
  }
  #wakeKey(key, now) {
    if (!this.#options.health.probes && key.isHeld)
      this.#judgement.setKeyHealth(key, wakeKey(key.health, now));
  }
  /** Takes a key off an account, whose trial the key's attempt may be. */
  #leave(key, account) {
    account.keys.delete(key);
    this.#accounts.forgetIfEmpty(account);
    if (account.trial?.key === key) {
      account.trial = null;
      this.#selection.seatAll(account);
    }
  }
};
function didNotRun({ kind, fault, maybeRan }) {
  if (kind === "success" || maybeRan === true) return false;
  return fault === "limit" || fault === "key" || fault === "funds" || fault === "disabled" || fault === "network";
}

// packages/core/src/key/secret.ts
var tokenOf;
var Secret = class _Secret {
  #token;
  #mask;
  constructor(token) {
    this.#token = token;
    this.#mask = maskToken(token);
  }
  get mask() {
    return this.#mask;
  }
  toString() {
    return this.#mask;
  }
  toJSON() {
    return this.#mask;
  }
  static {
    Object.defineProperty(_Secret.prototype, /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom"), {
      value() {
        return this.#mask;
      }
    });
    tokenOf = (secret) => secret.#token;
  }
};
function revealSecret(secret) {
  return tokenOf(secret);
}
function withoutSecret(outcome, secret) {
  const token = tokenOf(secret);
  if (outcome.message?.includes(token) !== true) return outcome;
  return { ...outcome, message: outcome.message.replaceAll(token, secret.mask) };
}

// packages/core/src/lease.ts
function answerOf({ status, headers = [], body }) {
  const text = typeof body === "string" ? body : body == null ? "" : JSON.stringify(body) ?? "";
  return { status, headers: flatHeaders(headers), body: text.slice(0, maxBodyLength) };
}
var maxBodyLength = 64 * 1024;
function flatHeaders(headers) {
  if (isFlatList(headers)) return headers.map((text, at) => at % 2 === 0 ? text.toLowerCase() : text);
  const entries = Symbol.iterator in headers ? Array.from(headers) : Object.entries(headers);
  return entries.flatMap(([name, value]) => [name.toLowerCase(), String(value)]);
}
var isFlatList = (headers) => Array.isArray(headers) && typeof headers[0] !== "object";
var Lease = class _Lease {
  #turn;
  #owner;
  #isOpen = true;
  constructor(owner, turn) {
    this.#owner = owner;
    this.#turn = turn;
  }
  static {
    Object.defineProperty(_Lease.prototype, /* @__PURE__ */ Symbol.for("nodejs.util.inspect.custom"), {
      value() {
        return `Lease(${this.#turn.key.id})`;
      }
    });
  }
  /** The engine's own access to what it stands for. */
  static turnOf(lease) {
    return lease.#turn;
  }
  /** The model it was asked for; `''` when none was named. */
  get model() {
    return this.#turn.model;
  }
  /** Milliseconds since the Unix epoch. */
  get startedAt() {
    return this.#turn.startedAt;
  }
  /** The key as people may see it. */
  get key() {
    return this.#owner.viewOf(this.#turn.key);
  }
  /** The token itself, for the authorization header. */
  get secret() {
    return revealSecret(this.#turn.key.secret);
  }
  /** Where this key is valid. */
  get baseURL() {
    return this.#owner.baseURLOf(this.#turn.key);
  }
  /**
   * Reports how the attempt ended: a word of the outcome vocabulary, a full outcome, or the answer itself.
   * `usage` adds tokens to the key's counters and replaces what was estimated for its limits; `firstOutputMs`, from
   * the call to its first output, is what the strategy `fastest` goes by.
   */
  settle(result, usage = null, firstOutputMs = null) {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#owner.settle(this.#turn, this.#outcomeOf(result), { usage, firstOutputMs });
  }
  #outcomeOf(result) {
    if (typeof result === "string") return outcomeOfKind(result);
    return "kind" in result ? result : this.#owner.classify(answerOf(result));
  }
  [Symbol.dispose]() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#owner.settle(this.#turn, { kind: "aborted" }, { usage: null, firstOutputMs: null });
  }
};
function outcomeOfKind(kind) {
  switch (kind) {
    case "rate-limited":
      return { kind, fault: "limit" };
    case "unauthorized":
      return { kind, fault: "key" };
    case "insufficient-balance":
      return { kind, fault: "funds" };
    case "rejected":
      return { kind, fault: "caller" };
    case "upstream-error":
      return { kind, fault: "overload" };
    case "network-error":
      return { kind, fault: "network" };
    case "timeout":
    case "truncated":
      return { kind, fault: "network", maybeRan: true };
    default:
      return { kind };
  }
}

// packages/core/src/alarm-clock.ts
var longestTimerMs = 2 ** 31 - 1;
var toleranceMs2 = 1e3;
var AlarmClock = class {
  #runtime;
  #ring;
  #isAwaited;
  #timer;
  #timerAt = Number.POSITIVE_INFINITY;
  /** The wall clock when it was last read. */
  #latest = Number.NEGATIVE_INFINITY;
  /** By how much the wall clock was set back so far. */
  #lostMs = 0;
  /** `isAwaited`: somebody waits for it to ring, so the process must live until then. */
  constructor(runtime, ring, isAwaited = false) {
    this.#runtime = runtime;
    this.#ring = ring;
    this.#isAwaited = isAwaited;
  }
  /** Now, on this clock. */
  now() {
    const wall = this.#runtime.now();
    if (wall < this.#latest - toleranceMs2) this.#lostMs += this.#latest - wall;
    this.#latest = wall;
    return wall + this.#lostMs;
  }
  /** An instant of the wall clock, as it is set at the last `now()`, on this clock. */
  instant(wallAt) {
    return wallAt + this.#lostMs;
  }
  /** Rings at that instant of this clock, unless it is set for an earlier one already. Never rings for Infinity. */
  set(at) {
    if (!(at < this.#timerAt)) return;
    this.clear();
    const now = this.now();
    const delayMs = Math.min(Math.max(at - now, 0), longestTimerMs);
    this.#timerAt = now + delayMs;
    this.#timer = this.#runtime.setTimer(this.#onTimer, delayMs, this.#isAwaited);
  }
  clear() {
    if (this.#timer !== void 0) this.#runtime.clearTimer(this.#timer);
    this.#timer = void 0;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }
  #onTimer = () => {
    this.#latest = Math.max(this.#latest, this.#timerAt - this.#lostMs);
    this.#timer = void 0;
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#ring();
  };
};

// packages/core/src/lent-turns.ts
var LentTurns = class {
  #clock;
  #timeoutMs;
  #onExpired;
  /** By when they are due, because all have the same time. */
  #dueAt = /* @__PURE__ */ new Map();
  constructor(runtime, timeoutMs, onExpired) {
    this.#clock = new AlarmClock(runtime, () => this.#expire());
    this.#timeoutMs = timeoutMs;
    this.#onExpired = onExpired;
  }
  lend(turn) {
    const dueAt = this.#clock.now() + this.#timeoutMs;
    this.#dueAt.set(turn, dueAt);
    this.#clock.set(dueAt);
  }
  returned(turn) {
    this.#dueAt.delete(turn);
  }
  close() {
    this.#dueAt.clear();
    this.#clock.clear();
  }
  #expire() {
    const now = this.#clock.now();
    for (const [turn, dueAt] of this.#dueAt) {
      if (dueAt > now) return this.#clock.set(dueAt);
      this.#dueAt.delete(turn);
      this.#onExpired(turn);
    }
  }
};

// packages/core/src/lapsing-heap.ts
var sweepFrom = 64;
var LapsingHeap = class {
  #heap;
  #size = 0;
  #lapsed = 0;
  #isBefore;
  #isLapsed;
  /** `isLapsed` must stay true of an item once it is. */
  constructor(isBefore2, isLapsed) {
    this.#isBefore = isBefore2;
    this.#isLapsed = isLapsed;
    this.#heap = new MinHeap(isBefore2);
  }
  push(item) {
    this.#heap.push(item);
    this.#size++;
  }
  /** To be told of every item that lapses while it is in here. */
  noteLapse() {
    this.#lapsed++;
    if (this.#lapsed >= sweepFrom && this.#lapsed > this.#size / 2) this.#sweep();
  }
  /** The smallest item that has not lapsed. */
  peek() {
    for (let top = this.#heap.peek(); top !== void 0; top = this.#heap.peek()) {
      if (!this.#isLapsed(top)) return top;
      this.#heap.pop();
      this.#size--;
      this.#lapsed--;
    }
    return void 0;
  }
  pop() {
    const top = this.peek();
    if (top === void 0) return void 0;
    this.#size--;
    return this.#heap.pop();
  }
  #sweep() {
    const before = this.#heap;
    this.#heap = new MinHeap(this.#isBefore);
    this.#size = 0;
    this.#lapsed = 0;
    for (let item = before.pop(); item !== void 0; item = before.pop()) {
      if (!this.#isLapsed(item)) this.push(item);
    }
  }
};

// packages/core/src/waiting-line.ts
var recheckMs = 100;
var WaitingLine = class {
  model;
  size = 0;
  /** Why the first in line could not be served when it was last tried. */
  refusal;
  /** When the clock may have freed a key for the first in line. */
  freeAt = Number.POSITIVE_INFINITY;
  /** When the first in line is to be tried again without anything happening. */
  tryAt = Number.POSITIVE_INFINITY;
  #byArrival = new LapsingHeap(
    (one, other2) => one.arrival < other2.arrival,
    ({ isWaiting }) => !isWaiting
  );
  #byDeadline = new LapsingHeap(
    (one, other2) => one.deadlineAt < other2.deadlineAt,
    ({ isWaiting }) => !isWaiting
  );
  constructor(model3, refusal) {
    this.model = model3;
    this.refusal = refusal;
  }
  join(waiter) {
    this.#byArrival.push(waiter);
    this.#byDeadline.push(waiter);
    this.size++;
  }
  leave(waiter) {
    waiter.isWaiting = false;
    this.#byArrival.noteLapse();
    this.#byDeadline.noteLapse();
    this.size--;
  }
  first() {
    return this.#byArrival.peek();
  }
  /** The one whose deadline comes first. */
  mostPressed() {
    return this.#byDeadline.peek();
  }
  /** Takes note of why the first in line is not served; `freeAt` is the refusal's on the room's clock. */
  learn(refusal, freeAt, now) {
    this.refusal = refusal;
    this.freeAt = freeAt;
    this.tryAt = freeAt > now ? freeAt : now + recheckMs;
  }
  /** Whether waiting until that instant is in vain. */
  isInVain(deadlineAt, now) {
    if (deadlineAt <= now) return true;
    return !this.refusal.isBusy && (this.freeAt > deadlineAt || this.freeAt === Number.POSITIVE_INFINITY);
  }
  /** When somebody here must be looked at next. */
  get dueAt() {
    return Math.min(this.tryAt, this.mostPressed()?.deadlineAt ?? Number.POSITIVE_INFINITY);
  }
};

// packages/core/src/waiting-room.ts
var latenessMs = 50;
var WaitingRoom = class {
  #parts;
  #clock;
  #lines = /* @__PURE__ */ new Map();
  /** Those of the lines that are not open to any request for their model. */
  #boundLines = /* @__PURE__ */ new Set();
  /** Lines whose first is to be tried. */
  #due = /* @__PURE__ */ new Set();
  /** The request that `serve` is busy with. */
  #asking = null;
  #isServing = false;
  #arrivals = 0;
  #size = 0;
  #closedBy = null;
  constructor(parts) {
    this.#parts = parts;
    this.#clock = new AlarmClock(parts.runtime, () => this.#ring(), true);
  }
  /** How many wait. */
  get size() {
    return this.#size;
  }
  /** Whether a newcomer for that model, bound to that or to nothing, would overtake somebody by being served. */
  hasWaiting(model3, boundTo = null) {
    return this.#size > 0 && this.#lines.has(lineName(model3, boundTo));
  }
  /**
   * What the request gets: at once when it can be served or must be refused, else by a promise, which never rejects.
   * A client that leaves is told the last refusal, unless it was served before: then what was given is its to give
   * back.
   */
  enter(asked, options) {
    const boundTo = this.#parts.boundTo?.(asked) ?? null;
    const name = lineName(asked.model, boundTo);
    const answer = this.#closedBy ?? this.#lines.get(name)?.refusal ?? options.refusal ?? this.#parts.serve(asked);
    if (!isRefusal(answer)) return answer;
    if (this.#closedBy !== null) return this.#closedBy;
    const now = this.#clock.now();
    const line = this.#lines.get(name) ?? this.#newLine(asked.model, answer, now);
    const deadlineAt = this.#clock.instant(options.deadlineAt);
    if (line.isInVain(deadlineAt, now)) return answer;
    if (this.#size >= this.#parts.limit) return this.#parts.whenFull(answer);
    return new Promise((resolve) => {
      const arrival = this.#arrivals++;
      const waiter = { asked, lineName: name, arrival, deadlineAt, answer: resolve, isWaiting: true };
      this.#lines.set(name, line);
      if (boundTo !== null) this.#boundLines.add(line);
      line.join(waiter);
      this.#size++;
      this.#clock.set(line.dueAt);
      options.onAbort?.(() => this.#leave(waiter, line));
    });
  }
  /**
   * To be called when a key may have become free: for that model, or for any. Serves whom it can before it returns,
   * except when `serve` itself calls it: then the serving that is under way goes on until nobody else can be served.
   */
  wake(model3) {
    if (this.#size === 0) return;
    if (model3 === void 0) for (const line of this.#lines.values()) this.#due.add(line);
    else {
      const line = this.#lines.get(lineName(model3, null));
      if (line !== void 0) this.#due.add(line);
      for (const bound of this.#boundLines) if (bound.model === model3) this.#due.add(bound);
    }
    this.#serveDue();
  }
  /** Everybody who waits, and everybody who comes later, gets this refusal. */
  close(refusal) {
    this.#closedBy = refusal;
    for (const line of this.#lines.values()) {
      for (let first = line.first(); first !== void 0; first = line.first()) {
        this.#dismiss(first, line, refusal);
      }
    }
  }
  #newLine(model3, refusal, now) {
    const line = new WaitingLine(model3, refusal);
    line.learn(refusal, this.#clock.instant(refusal.freeAt), now);
    return line;
  }
  #serveDue() {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      for (let idleRounds = 0; this.#due.size > 0 && idleRounds < 2; ) {
        idleRounds = this.#serveRound() ? 0 : idleRounds + 1;
      }
    } finally {
      this.#due.clear();
      this.#isServing = false;
    }
  }
  /** Tries the first of every line that is due, whoever came first first, until each line's first is refused. */
  #serveRound() {
    const turns = new MinHeap((one, other2) => one.arrival < other2.arrival);
    for (const line of this.#due) turns.push({ arrival: line.first()?.arrival ?? 0, line });
    this.#due.clear();
    let hasMoved = false;
    for (let turn = turns.pop(); turn !== void 0; turn = turns.pop()) {
      const { line } = turn;
      if (!this.#tryFirst(line)) continue;
      hasMoved = true;
      const next = line.first();
      if (next !== void 0) turns.push({ arrival: next.arrival, line });
    }
    return hasMoved;
  }
  /** Whether the line has moved up, so that its new first is worth a try. */
  #tryFirst(line) {
    const waiter = line.first();
    if (waiter === void 0) return false;
    if (waiter.deadlineAt + latenessMs < this.#clock.now()) {
      this.#dismiss(waiter, line, line.refusal);
      return true;
    }
    const answer = this.#ask(waiter);
    if (isRefusal(answer)) {
      if (!waiter.isWaiting) waiter.answer(this.#closedBy ?? answer);
      this.#learn(line, answer);
      return false;
    }
    this.#remove(waiter, line);
    waiter.answer(answer);
    return true;
  }
  #ask(waiter) {
    this.#asking = waiter;
    try {
      return this.#parts.serve(waiter.asked);
    } finally {
      this.#asking = null;
    }
  }
  /** Tells those for whom the refusal rules out a release in time. */
  #learn(line, refusal) {
    const now = this.#clock.now();
    line.learn(refusal, this.#clock.instant(refusal.freeAt), now);
    for (let next = line.mostPressed(); next !== void 0; next = line.mostPressed()) {
      if (!line.isInVain(next.deadlineAt, now)) break;
      this.#dismiss(next, line, refusal);
    }
    if (line.size > 0) this.#clock.set(line.dueAt);
  }
  #leave(waiter, line) {
    if (waiter.isWaiting) this.#dismiss(waiter, line, line.refusal);
  }
  #dismiss(waiter, line, refusal) {
    const wasFirst = line.first() === waiter;
    this.#remove(waiter, line);
    if (waiter !== this.#asking) waiter.answer(refusal);
    if (!wasFirst || line.size === 0) return;
    line.tryAt = this.#clock.now();
    this.#clock.set(line.tryAt);
  }
  #remove(waiter, line) {
    if (!waiter.isWaiting) return;
    line.leave(waiter);
    this.#size--;
    if (line.size === 0) {
      this.#lines.delete(waiter.lineName);
      this.#boundLines.delete(line);
    }
    if (this.#size === 0) this.#clock.clear();
  }
  #ring() {
    const now = this.#clock.now();
    for (const line of this.#lines.values()) if (line.dueAt <= now) this.#due.add(line);
    this.#serveDue();
    for (const line of this.#lines.values()) this.#clock.set(line.dueAt);
  }
};
var lineName = (model3, boundTo) => `${boundTo ?? ""}
${model3}`;
function isRefusal(answer) {
  return "freeAt" in answer;
}

// packages/core/src/leasing.ts
var Leasing = class {
  #parts;
  #room;
  #lent;
  #owner;
  /** Why nobody is served at all. */
  #refusal = null;
  constructor(parts) {
    this.#parts = parts;
    const { runtime, policy, keyring, events } = parts;
    this.#owner = {
      ...parts.leases,
      settle: (turn, outcome, figures) => this.#settle(turn, outcome, figures)
    };
    this.#room = new WaitingRoom({
      serve: (wanted) => this.#take(wanted),
      boundTo: ({ account }) => account,
      whenFull: (refusal) => fullRefusal(refusal, policy.queue.limit),
      runtime,
      limit: policy.queue.limit
    });
    this.#lent = new LentTurns(runtime, policy.leaseTimeoutMs, (turn) => {
      keyring.release(turn);
      events.emit("lease-expired", { key: turn.key.id, model: turn.model });
    });
  }
  /** Requests that wait for a key. */
  get waiting() {
    return this.#room.size;
  }
  /** A lease, or why there is none; by a promise only when the request waits. */
  acquire(wanted, patience) {
    if (this.#refusal !== null) return this.#refusal;
    if (patience === null) return this.#take(wanted);
    const isBehindOthers = patience.isNewcomer && this.#room.hasWaiting(wanted.model, wanted.account);
    const taken = isBehindOthers ? void 0 : this.#take(wanted);
    if (taken !== void 0 && !("freeAt" in taken)) return taken;
    wanted.tried = null;
    return this.#room.enter(wanted, {
      deadlineAt: patience.deadlineAt,
      refusal: taken,
      onAbort: (leave) => patience.onAbort(leave)
    });
  }
  /**
   * A lease for a caller with a client of its own, given back by itself when it is not settled in time. Rejects with a
   * `KeyPoolError`, or with the signal's reason when it fires first.
   */
  lend(request) {
    const wanted = wantedOf(request);
    if (this.#refusal !== null || this.#room.hasWaiting(wanted.model)) return this.#lendLater(wanted, request);
    const taken = this.#take(wanted);
    if ("freeAt" in taken) return this.#lendLater(wanted, request, taken);
    this.#lent.lend(Lease.turnOf(taken));
    return Promise.resolve(taken);
  }
  async #lendLater(wanted, { signal, maxWaitMs }, refusal = this.#refusal ?? void 0) {
    const { runtime, policy } = this.#parts;
    let leave = () => {
    };
    const onAbort = () => leave();
    signal?.addEventListener("abort", onAbort, { once: true });
    const taken = await this.#room.enter(wanted, {
      deadlineAt: runtime.now() + (maxWaitMs ?? policy.queue.maxWaitMs),
      refusal,
      onAbort: (given) => {
        leave = given;
      }
    });
    signal?.removeEventListener("abort", onAbort);
    if ("freeAt" in taken) {
      signal?.throwIfAborted();
      throw refusalError(taken, runtime.now());
    }
    if (signal?.aborted === true) taken[Symbol.dispose]();
    signal?.throwIfAborted();
    this.#lent.lend(Lease.turnOf(taken));
    return taken;
  }
  /** A place became free, or may have: for a model, or for any. */
  wake(model3) {
    if (this.#room.size > 0) this.#room.wake(model3 ?? void 0);
  }
  /** Serves nobody from now on. */
  refuse(refusal) {
    this.#refusal ??= refusal;
    this.#room.close(refusal);
  }
  close() {
    this.refuse(closedRefusal);
    this.#lent.close();
  }
  keyOf(lease) {
    return Lease.turnOf(lease).key;
  }
  #take(wanted) {
    const taken = this.#parts.keyring.take(wanted);
    return "freeAt" in taken ? taken : new Lease(this.#owner, taken);
  }
  #settle(turn, given, figures) {
    const { keyring, events, runtime } = this.#parts;
    const { key, model: model3, startedAt } = turn;
    const outcome = withoutSecret(given, key.secret);
    this.#lent.returned(turn);
    keyring.settle(turn, outcome, figures);
    if (!events.has("attempt-end")) return;
    events.emit("attempt-end", { key: key.id, model: model3, outcome, durationMs: runtime.now() - startedAt });
  }
};
function fullRefusal(refusal, limit2) {
  if (limit2 === 0) return refusal;
  return {
    ...refusal,
    code: "queue_full",
    message: `${limit2} requests wait for a key already, which is all that the option queue.limit allows`
  };
}
function wantedOf(request) {
  const { model: model3 = "", tokens, images = 0, session = null, stream = false } = request;
  return {
    model: model3,
    now: 0,
    tried: null,
    lastResorts: 1,
    account: null,
    promptTokens: tokens ?? 0,
    // What the caller expects is all of it; of other calls their average is expected.
    maxOutput: tokens === void 0 ? null : 0,
    images,
    isStream: stream,
    isFree: false,
    session
  };
}

// packages/core/src/checked.ts
import * as v from "valibot";
var longestTimerMs2 = 2147483647;
var duration = v.optional(
  v.pipe(
    v.number("must be a number of milliseconds"),
    v.minValue(0, "must not be negative"),
    v.maxValue(longestTimerMs2, `must not be above ${longestTimerMs2}, which is 24 days; 0 means no limit`)
  )
);
function completed(defaults2, given = {}) {
  const names2 = Object.keys(defaults2);
  return Object.fromEntries(names2.map((name) => [name, given[name] ?? defaults2[name]]));
}

// packages/core/src/limit/pacing.ts
var defaultPacing = Object.freeze({ inFlight: 1, keys: 1, windowMs: 18e5 });

// packages/core/src/policy-options.ts
var defaults = Object.freeze({
  concurrency: unlimited,
  health: { failureThreshold: 5, maxEjected: 0.1, probes: true },
  queue: { limit: 1e3, maxWaitMs: 15e3 },
  sessions: { by: ["header", "user", "prefix"], header: "x-session-id", prefixBytes: 1024 },
  leaseTimeoutMs: 6e5
});
function policyOf(options) {
  const { mode = "all", selected = [], limits = {}, pacing = false } = options;
  checkMode(mode, options.selected);
  return {
    strategy: options.strategy ?? "round-robin",
    rules: options.rules ?? {},
    mode,
    selected,
    limits,
    concurrency: completed(defaults.concurrency, limits.concurrency),
    health: completed(defaults.health, options.health),
    queue: completed(defaults.queue, options.queue),
    pacing: pacing === false ? null : completed(defaultPacing, pacing === true ? {} : pacing),
    sessions: completed(defaults.sessions, options.sessions),
    catalogue: options.catalogue ?? {},
    leaseTimeoutMs: options.leaseTimeoutMs ?? defaults.leaseTimeoutMs
  };
}
function checkMode(mode, selected) {
  if (mode === "all" && selected !== void 0)
    throw new ConfigError("selected", "goes with mode 'selected' or 'single' only", selected);
  if (mode === "selected" && (selected ?? []).length === 0)
    throw new ConfigError("selected", "must name at least one key with mode 'selected'", selected);
  if (mode === "single" && selected?.length !== 1)
    throw new ConfigError("selected", "must name exactly one key with mode 'single'", selected);
}

// packages/core/src/events.ts
var EventBoard = class {
  #listeners = /* @__PURE__ */ new Map();
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? /* @__PURE__ */ new Set();
    this.#listeners.set(name, listeners.add(listener));
  }
  off(name, listener) {
    const listeners = this.#listeners.get(name);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#listeners.delete(name);
  }
  /** Lets hot paths skip building an event that nobody wants. */
  has(name) {
    return this.#listeners.has(name);
  }
  emit(name, event) {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        ;
        listener(event);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
};

// packages/core/src/key/key.ts
var Key = class {
  id;
  secret;
  addedAt;
  /** The account as the operator named it; null when it was left open. */
  accountName;
  account;
  site;
  label;
  weight;
  enabled;
  /** Whether the pool's key mode lets it serve. */
  selected = true;
  health = ready;
  /** The one attempt that may find out whether the trouble is over; null unless the health is `probing`. */
  trial = null;
  /** Leases running now. */
  inFlight = 0;
  requests = 0;
  successes = 0;
  /** Attempts that ended otherwise, for reasons that are neither the caller's nor the model's. */
  failures = 0;
  /** Unexplained failures since the last success. */
  failuresInRow = 0;
  promptTokens = 0;
  completionTokens = 0;
  lastUsedAt = null;
  /** What the upstream called the key's account when it last told; keys that agree on it share one. */
  upstreamAccount = null;
  /** Whether the pool has it: false before it is added and after it is removed. */
  isHeld = false;
  /** Its state has changed since the store was last told. */
  isUnsaved = false;
  /** Place among the pool's keys: lower came earlier. */
  order = 0;
  constructor(given) {
    this.id = given.id;
    this.secret = given.secret;
    this.account = given.account;
    this.accountName = given.accountName ?? null;
    this.site = given.site;
    this.label = given.label;
    this.weight = given.weight;
    this.enabled = given.enabled;
    this.addedAt = given.addedAt;
  }
  /** Money of its account, for strategies that compare; null when nothing is known. */
  get balance() {
    const { health, funds } = this.account;
    const isEmpty = health.status === "exhausted" && health.funds !== "charged";
    return isEmpty ? Math.min(funds ?? 0, 0) : funds;
  }
  rpm(now) {
    return this.account.requestRate.perMinute(now);
  }
  tpm(now) {
    return this.account.tokenRate.perMinute(now);
  }
};

// packages/core/src/provider/base-url.ts
function normalizeBaseURL(baseURL) {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : null;
  if (url === null || url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ConfigError("baseURL", "must be an http or https URL", baseURL);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new ConfigError("baseURL", "must hold neither credentials, query nor fragment", url.origin);
  }
  const path = url.pathname.replace(/\/+$/, "");
  return `${url.origin}${path === "" ? "/v1" : path}`;
}

// packages/core/src/provider/error-body.ts
var maxMessageLength = 300;
function readErrorBody(body) {
  const json = parseJson(body);
  const value = Array.isArray(json) ? json[0] : json;
  if (typeof value === "string") return wordsOnly(value, json);
  if (!isRecord(value)) return wordsOnly(body.trimStart().startsWith("<") ? "" : body.trim(), json);
  const hasErrorObject = isRecord(value.error);
  const inner = isRecord(value.error) ? value.error : value;
  const message = [inner.message, value.message, value.error, value.detail].find(
    (text) => typeof text === "string"
  );
  return {
    code: readCode(inner.code) ?? readCode(value.code),
    message: message === void 0 ? void 0 : clip(message),
    hasErrorObject,
    json
  };
}
var wordsOnly = (text, json) => ({
  code: void 0,
  message: text === "" ? void 0 : clip(text),
  hasErrorObject: false,
  json
});
function readMeter(message) {
  return message === void 0 ? void 0 : /\b(RPM|RPH|RPD|TPM|TPD|IPM|IPD)\b/.exec(message)?.[1];
}
function readRetryAfterMs(headers) {
  const lengthMs = headerValue(headers, "retry-after-ms")?.trim() ?? "";
  if (isDecimal.test(lengthMs)) return Math.round(Number(lengthMs));
  const value = headerValue(headers, "retry-after")?.trim() ?? "";
  if (isDecimal.test(value)) return Math.round(Number(value) * 1e3);
  const until = parseHttpDate(value);
  const sentAt = parseHttpDate(headerValue(headers, "date") ?? "");
  return until === void 0 || sentAt === void 0 ? void 0 : Math.max(0, until - sentAt);
}
var isDecimal = /^\d{1,15}(\.\d{1,15})?$/;
function headerValue(headers, name) {
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === name) return headers[at + 1];
  }
  return void 0;
}
function parseJson(text) {
  const first = text.trimStart()[0];
  if (first !== "{" && first !== '"' && first !== "[") return void 0;
  try {
    return JSON.parse(text);
  } catch {
    return void 0;
  }
}
var isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
function readCode(value) {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value === "") return void 0;
  return /^\d+$/.test(value) ? Number(value) : value;
}
function clip(text) {
  const masked = maskTokens(text);
  return masked.length <= maxMessageLength ? masked : `${masked.slice(0, maxMessageLength)}\u2026`;
}
function parseHttpDate(text) {
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return void 0;
  const at = Date.parse(text);
  return Number.isNaN(at) ? void 0 : at;
}

// packages/core/src/provider/classify.ts
function readAnswer(answer) {
  const { code, message, hasErrorObject } = readErrorBody(answer.body);
  return {
    status: answer.status,
    code,
    message,
    hasErrorObject,
    isPage: answer.body.trimStart().startsWith("<"),
    meter: readMeter(message),
    retryAfterMs: readRetryAfterMs(answer.headers)
  };
}
var success = { kind: "success" };
var turnedAway = /* @__PURE__ */ new Set([501, 503, 521, 522, 523, 529]);
var mayHaveRun = (status) => status === 408 || status === 499 || status >= 500 && !turnedAway.has(status);
function classifyByStatus(reading, { kind, fault, ...more } = meaningOfStatus(reading)) {
  const { status, code, message, retryAfterMs } = reading;
  if (kind === "success") return { kind, status };
  const meter = more.meter ?? (fault === "limit" ? reading.meter : void 0);
  return {
    kind,
    status,
    ...fault === void 0 ? {} : { fault },
    ...code === void 0 ? {} : { code },
    ...message === void 0 ? {} : { message },
    ...more.accountWide === true ? { accountWide: true } : {},
    ...meter === void 0 ? {} : { meter },
    ...retryAfterMs === void 0 ? {} : { retryAfterMs },
    ...mayHaveRun(status) ? { maybeRan: true } : {}
  };
}
function meaningOfStatus({ status, isPage }) {
  if (status < 300 || status === 304) return success;
  if (status === 401) return { kind: "unauthorized", fault: "key" };
  if (status === 402) return { kind: "insufficient-balance", fault: "funds" };
  if (status === 403 && isPage) return { kind: "upstream-error", fault: "ip-block" };
  if (status === 403) return { kind: "rejected", fault: "permission" };
  if (status === 429) return { kind: "rate-limited", fault: "limit" };
  if (status === 408 || status === 499 || status >= 500) return { kind: "upstream-error", fault: "overload" };
  return { kind: "rejected", fault: "caller" };
}

// packages/core/src/provider/routes.ts
var chat = { name: "chat", repeat: "safe", terminator: "done" };
var other = { name: "other", repeat: "if-refused", terminator: "none" };
var read = { name: "read", repeat: "safe", terminator: "none" };
var posts = new Map(
  Object.entries({
    "/chat/completions": chat,
    "/completions": { ...chat, name: "completions" },
    "/responses": { name: "responses", repeat: "if-refused", terminator: "none" },
    "/messages": { name: "messages", repeat: "safe", terminator: "message_stop" },
    "/messages/count_tokens": { name: "messages", repeat: "safe", terminator: "none" },
    "/embeddings": { name: "embeddings", repeat: "safe", terminator: "none" },
    "/rerank": { name: "rerank", repeat: "safe", terminator: "none" },
    "/moderations": { name: "moderations", repeat: "safe", terminator: "none" },
    "/audio/speech": { name: "speech", repeat: "safe", terminator: "none" },
    "/audio/transcriptions": { name: "transcriptions", repeat: "safe", terminator: "none" },
    "/audio/translations": { name: "transcriptions", repeat: "safe", terminator: "none" },
    "/images/generations": { name: "images", repeat: "if-refused", terminator: "none" },
    "/images/edits": { name: "images", repeat: "if-refused", terminator: "none" },
    "/video/submit": { name: "video", repeat: "if-refused", terminator: "none" },
    "/video/status": { name: "video", repeat: "safe", terminator: "none" }
  })
);
function openaiRoute(method, path) {
  if (method === "POST") {
    const query = path.indexOf("?");
    return posts.get(query === -1 ? path : path.slice(0, query)) ?? other;
  }
  return method === "GET" || method === "HEAD" || method === "OPTIONS" ? read : other;
}

// packages/core/src/provider/siliconflow.ts
var caller = { kind: "rejected", fault: "caller" };
var model = { kind: "rejected", fault: "model" };
var permission = { kind: "rejected", fault: "permission" };
var disabled = { kind: "unauthorized", fault: "disabled" };
var overload = { kind: "upstream-error", fault: "overload" };
var limit = (meter) => ({ kind: "rate-limited", fault: "limit", meter });
var byCode = {
  20012: model,
  20051: permission,
  20092: caller,
  3e4: permission,
  30001: { kind: "insufficient-balance", fault: "funds" },
  30002: disabled,
  30003: model,
  30004: permission,
  30005: permission,
  30006: permission,
  30007: permission,
  30008: disabled,
  30009: { kind: "unauthorized", fault: "key" },
  30010: permission,
  30011: permission,
  30012: disabled,
  30013: { kind: "upstream-error", fault: "ip-block" },
  30014: { kind: "unauthorized", fault: "key" },
  50601: limit("RPM"),
  50602: limit("TPM"),
  50603: { kind: "upstream-error", fault: "ip-block" },
  50604: limit("IPM"),
  50605: limit("IPD"),
  // An account without real-name verification: 100 requests a day, so it rests until the day ends.
  50606: { ...limit("RPD"), accountWide: true },
  50607: limit("RPH"),
  50608: limit("RPD")
};
function byRange(code) {
  if (code >= 20011 && code <= 20099) return caller;
  if (code >= 50500 && code <= 50599) return overload;
  if (code >= 6e4 && code <= 60099) return overload;
  return void 0;
}
function meaningOf({ code, status, message }) {
  if (status === 429 && /\bbusy\b/i.test(message ?? "")) return overload;
  const meaning = typeof code === "number" ? byCode[code] ?? byRange(code) : void 0;
  return status === 429 && meaning === caller ? overload : meaning;
}
function classify(answer) {
  const reading = readAnswer(answer);
  const isError = answer.status >= 400 || typeof reading.code === "number" && reading.code > 2e4;
  return classifyByStatus(reading, isError ? meaningOf(reading) : void 0);
}
function readBalance(body, site) {
  try {
    const parsed = JSON.parse(body);
    const { totalBalance: amount, id } = parsed.data ?? {};
    if (typeof amount !== "string" || !/^-?\d+(\.\d+)?$/.test(amount)) return void 0;
    const reading = { amount, currency: currencyOf(site) };
    return typeof id === "string" && id !== "" ? { ...reading, account: id } : reading;
  } catch {
    return void 0;
  }
}
var currencyOf = (site) => site === "com" ? "USD" : "CNY";
var freeModels = [
  "Qwen/Qwen3.5-4B",
  "Qwen/Qwen3-8B",
  "Qwen/Qwen2.5-7B-Instruct",
  "THUDM/GLM-4-9B-0414",
  "THUDM/GLM-Z1-9B-0414",
  "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B",
  "tencent/Hunyuan-MT-7B",
  "PaddlePaddle/PaddleOCR-VL-1.5",
  "deepseek-ai/DeepSeek-OCR",
  "BAAI/bge-m3",
  "BAAI/bge-large-zh-v1.5",
  "BAAI/bge-large-en-v1.5",
  "BAAI/bge-reranker-v2-m3",
  "Kwai-Kolors/Kolors",
  "FunAudioLLM/SenseVoiceSmall",
  "TeleAI/TeleSpeechASR"
];
var charged = { "Pro/*": { chargedOnly: true } };
var modelsOfSite = {
  cn: new ModelPatterns({
    ...charged,
    ...Object.fromEntries(freeModels.map((name) => [name, { free: true }]))
  }),
  com: new ModelPatterns(charged)
};
function siliconflow(options = {}) {
  const site = options.site ?? "cn";
  const sites = { cn: "https://api.siliconflow.cn/v1", com: "https://api.siliconflow.com/v1" };
  return {
    name: "siliconflow",
    site,
    sites: options.baseURL === void 0 ? sites : { ...sites, [site]: normalizeBaseURL(options.baseURL) },
    dayOffsetMs: 8 * 60 * 6e4,
    currencyOf,
    probePath: "/models",
    model: (name, at) => modelsOfSite[at]?.get(name),
    balancePath: "/user/info",
    readBalance,
    route: openaiRoute,
    classify
  };
}

// packages/core/src/runtime.ts
var systemRuntime = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimer: (run, delayMs, isAwaited = false) => {
    const timer = setTimeout(run, delayMs);
    if (!isAwaited) timer.unref();
    return timer;
  },
  clearTimer: (timer) => clearTimeout(timer)
};

// packages/core/src/relay/call-wanted.ts
import { createHash } from "node:crypto";

// packages/core/src/relay/peek-model.ts
var quote = 34;
var backslash = 92;
var [openBrace, closeBrace, openBracket, closeBracket, colon] = [123, 125, 91, 93, 58];
var maxNameLength = 256;
function peekModel(body, contentType) {
  const boundary = contentType === void 0 ? null : /^multipart\/.*;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (boundary !== null) return modelOfForm(body, boundary[1] ?? boundary[2] ?? "");
  return modelOfJson(body);
}
function modelOfJson(body) {
  let model3 = null;
  forEachMember(body, (open, end) => {
    if (!isModelKey(body, open, end)) return true;
    model3 = stringAfter(body, end + 1);
    return false;
  });
  return model3;
}
function forEachMember(body, visit) {
  let depth = 0;
  let isKey = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (byte === openBrace || byte === openBracket) {
      depth++;
      isKey = byte === openBrace;
    } else if (byte === closeBrace || byte === closeBracket) {
      depth--;
      isKey = false;
    } else if (byte === 44) {
      isKey = depth === 1;
    } else if (byte === colon) {
      isKey = false;
    } else if (byte === quote) {
      const end = endOfString(body, at);
      if (end === -1) return;
      if (depth === 1 && isKey && !visit(at, end)) return;
      at = end;
    }
  }
}
function endOfString(body, open) {
  for (let end = body.indexOf(quote, open + 1); end !== -1; end = body.indexOf(quote, end + 1)) {
    let escapes = end;
    while (body[escapes - 1] === backslash) escapes--;
    if ((end - escapes) % 2 === 0) return end;
  }
  return -1;
}
function isModelKey(body, open, end) {
  if (end - open === 6) return body.toString("latin1", open + 1, end) === "model";
  return end - open < 32 && body.subarray(open, end).includes(backslash) && parse(body, open, end) === "model";
}
function startOfValue(body, from) {
  let at = from;
  while (isSpace(body[at]) || body[at] === colon) at++;
  return at;
}
function stringAfter(body, from) {
  const at = startOfValue(body, from);
  if (body[at] !== quote) return null;
  const end = endOfString(body, at);
  return end === -1 || end - at > maxNameLength ? null : parse(body, at, end);
}
function parse(body, open, end) {
  try {
    return JSON.parse(body.toString("utf8", open, end + 1));
  } catch {
    return null;
  }
}
var isSpace = (byte) => byte === 32 || byte === 10 || byte === 13 || byte === 9;
function modelOfForm(body, boundary) {
  const delimiter = Buffer.from(`--${boundary}`, "latin1");
  for (let part = body.indexOf(delimiter); part !== -1; part = body.indexOf(delimiter, part + delimiter.length)) {
    const headEnd = body.indexOf("\r\n\r\n", part);
    if (headEnd === -1) return null;
    const head = body.toString("latin1", part, Math.min(headEnd, part + 4096));
    if (!/^content-disposition:.*;\s*name="?model"?\s*(?:;|$)/im.test(head)) continue;
    const end = body.indexOf(delimiter, headEnd);
    if (end === -1 || end - headEnd > maxNameLength) return null;
    const value = body.toString("utf8", headEnd + 4, end).trim();
    return value === "" ? null : value;
  }
  return null;
}

// packages/core/src/relay/call-wanted.ts
var bytesPerToken = 4;
var longestNumber = 20;
var unbound = Object.freeze({ account: null, isFree: false });
var lastResorts = 3;
var CallWanted = class {
  model;
  account;
  isFree;
  now = 0;
  tried = null;
  lastResorts = lastResorts;
  #call;
  #sessions;
  #members = null;
  #session;
  constructor(call, sessions, { account, isFree }) {
    this.model = call.model;
    this.account = account;
    this.isFree = isFree || call.route.name === "read";
    this.#call = call;
    this.#sessions = sessions;
  }
  /** Tokens of the input, by the size of the body. Uploads are not read by a model word for word. */
  get promptTokens() {
    const { body, route } = this.#call;
    if (body === null || !("bytes" in body) || route.name === "transcriptions") return 0;
    return Math.ceil(body.bytes.length / bytesPerToken);
  }
  get maxOutput() {
    const bytes = this.#bytes;
    if (bytes.length <= 2 * edgeLength) return maxOutputIn(bytes);
    return maxOutputIn(bytes.subarray(-edgeLength)) ?? maxOutputIn(bytes.subarray(0, edgeLength));
  }
  get images() {
    if (this.#call.route.name !== "images") return 0;
    return this.#number("n") ?? this.#number("batch_size") ?? 1;
  }
  get isStream() {
    const at = this.#valueOf("stream");
    return at !== void 0 && this.#bytes.subarray(at, at + 4).toString("latin1") === "true";
  }
  get session() {
    if (this.#session === void 0) this.#session = this.#findSession();
    return this.#session;
  }
  #findSession() {
    for (const source of this.#sessions.by) {
      const found = source === "header" ? this.#header() : source === "user" ? this.#user() : this.#prefix();
      if (found !== null && found !== "") return `${source} ${found}`;
    }
    return null;
  }
  #header() {
    const { headers } = this.#call;
    const name = this.#sessions.header.toLowerCase();
    for (let at = 0; at + 1 < headers.length; at += 2)
      if (headers[at] === name) return headers[at + 1];
    return null;
  }
  #user() {
    return this.#string("prompt_cache_key") ?? this.#string("user");
  }
  /** Conversations grow at their end, so that their beginning stays what it was. */
  #prefix() {
    const start = this.#valueOf("messages") ?? this.#valueOf("prompt");
    if (start === void 0) return null;
    const prefix = this.#bytes.subarray(start, start + this.#sessions.prefixBytes);
    return createHash("sha256").update(this.#call.model).update(prefix).digest("base64url");
  }
  #string(name) {
    const at = this.#valueOf(name);
    return at === void 0 ? null : stringAfter(this.#bytes, at);
  }
  #number(name) {
    const at = this.#valueOf(name);
    return at === void 0 ? null : numberAt(this.#bytes, at);
  }
  /** Where the value of a top-level member begins. */
  #valueOf(name) {
    this.#members ??= membersOf(this.#bytes);
    return this.#members.get(name);
  }
  get #bytes() {
    const { body } = this.#call;
    if (body === null || !("bytes" in body)) return none2;
    const { bytes } = body;
    return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
};
var none2 = Buffer.alloc(0);
var edgeLength = 16 * 1024;
function maxOutputIn(bytes) {
  for (let at = bytes.indexOf('tokens"'); at !== -1; at = bytes.indexOf('tokens"', at + 1)) {
    const open = bytes.lastIndexOf(34, at);
    const isLimit = bytes[open + 1] === 109 && bytes[open + 2] === 97 && bytes[open + 3] === 120;
    const limit2 = isLimit ? numberAt(bytes, startOfValue(bytes, at + 7)) : null;
    if (limit2 !== null) return limit2;
  }
  return null;
}
function numberAt(bytes, start) {
  let value = 0;
  let at = start;
  for (; at < start + longestNumber; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  return at === start ? null : value;
}
var readMembers = /* @__PURE__ */ new Set(["batch_size", "messages", "n", "prompt", "prompt_cache_key", "stream", "user"]);
function membersOf(body) {
  const found = /* @__PURE__ */ new Map();
  forEachMember(body, (open, end) => {
    const name = end - open > 24 ? "" : body.toString("latin1", open + 1, end);
    if (readMembers.has(name) && !found.has(name)) found.set(name, startOfValue(body, end + 1));
    return found.size < readMembers.size;
  });
  return found;
}

// packages/core/src/relay/headers.ts
var privateToUs = /* @__PURE__ */ new Set([
  "accept-encoding",
  "api-key",
  "authorization",
  "cdn-loop",
  "client-ip",
  "connection",
  "content-length",
  "cookie",
  "cookie2",
  "expect",
  "fastly-client-ip",
  "fly-client-ip",
  "forwarded",
  "host",
  "http2-settings",
  "keep-alive",
  "origin",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "true-client-ip",
  "upgrade",
  "via",
  "x-api-key",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-original-forwarded-for",
  "x-original-host",
  "x-original-url",
  "x-real-ip"
]);
var isPrivateToUs = (name) => privateToUs.has(name) || name.startsWith("x-forwarded") || name.startsWith("x-envoy-") || name.startsWith("cf-") || name.startsWith("sec-") || name.startsWith(ourPrefix);
var ourPrefix = "x-sfpool-";
function upstreamHeaders(received) {
  const kept = ["accept-encoding", "identity"];
  const named = connectionNames(received);
  for (let at = 0; at + 1 < received.length; at += 2) {
    const name = received[at].toLowerCase();
    if (!isPrivateToUs(name) && !(named?.has(name) ?? false)) kept.push(name, received[at + 1]);
  }
  return kept;
}
function connectionNames(headers) {
  let named;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at];
    if (name.length !== 10 || name.toLowerCase() !== "connection") continue;
    const value = headers[at + 1].toLowerCase();
    if (value === "keep-alive" || value === "close") continue;
    named ??= /* @__PURE__ */ new Set();
    for (const part of value.split(",")) named.add(part.trim());
  }
  return named;
}

// packages/core/src/relay/call.ts
function createCall(input, provider2) {
  const { method, path, body } = input;
  const headers = upstreamHeaders(input.headers);
  const route = provider2.route(method, path);
  return {
    requestId: input.requestId ?? null,
    isTraced: input.isTraced ?? false,
    method,
    path,
    route,
    headers,
    credentialHeader: route.name === "messages" && usesApiKeyHeader(input.headers) ? "x-api-key" : "authorization",
    body,
    model: body === null ? "" : peekModel(bytesOf(body), headerValue(headers, "content-type")) ?? ""
  };
}
function usesApiKeyHeader(headers) {
  let has = false;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at];
    if (name.length === 13 && name.toLowerCase() === "authorization") return false;
    if (name.length === 9 && name.toLowerCase() === "x-api-key") has = true;
  }
  return has;
}
function bytesOf(body) {
  const bytes = "bytes" in body ? body.bytes : body.head;
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// ../../tmp/lead/pick.ts
var provider = siliconflow();
var names = process.argv[2] ? process.argv[2].split(",") : strategyNames;
var sizes = (process.argv[3] ?? "10,1000,10000,100000").split(",").map(Number);
var model2 = "Qwen/Qwen2.5-72B-Instruct";
for (const strategy of names) {
  const out = [];
  for (const size of sizes) {
    const policy = policyOf({ strategy, limits: process.env.LIM === "none" ? { learn: false } : process.env.LIM === "learn" ? {} : { models: { "*": process.env.LIM === "rpm" ? { RPM: 1e9 } : { RPM: 1e9, TPM: 1e12 } } } });
    let leasing;
    const keyring = new Keyring({ ...policy, provider, runtime: systemRuntime, events: new EventBoard(), pacing: null, onChange: () => {
    }, onTrouble: () => {
    }, onFree: (m) => leasing.wake(m) });
    leasing = new Leasing({ keyring, runtime: systemRuntime, events: new EventBoard(), policy, leases: {} });
    for (let i = 0; i < size; i++) {
      const id = "key_" + i;
      const key = new Key({ id, secret: new Secret("sk-fake" + i), account: keyring.accountFor({ id, site: "cn", accountName: null, upstreamAccount: null }), site: "cn", label: null, weight: 1, enabled: true, addedAt: 0 });
      if (i % 10 < 3) key.account.cooldowns.set(model2, { model: model2, since: Date.now(), until: Date.now() + 36e5, reason: "rate-limited", strikes: 1 });
      keyring.add(key);
    }
    const body = Buffer.from(JSON.stringify({ model: model2, messages: [{ role: "user", content: "Hello ".repeat(30) }], max_tokens: 100 }));
    const call = createCall({ method: "POST", path: "/chat/completions", headers: [], body: { bytes: body } }, provider);
    const usage = { promptTokens: 20, completionTokens: 30, totalTokens: 50, cachedTokens: 0, reasoningTokens: 0 };
    const run = (n) => {
      let acq = 0, set = 0;
      const batch = 64;
      const leases = new Array(batch);
      for (let done = 0; done < n; done += batch) {
        let t = process.hrtime.bigint();
        for (let i = 0; i < batch; i++) leases[i] = leasing.acquire(new CallWanted(call, policy.sessions, unbound), null);
        let u = process.hrtime.bigint();
        acq += Number(u - t);
        for (let i = 0; i < batch; i++) leases[i].settle({ kind: "success", status: 200 }, usage, 100);
        set += Number(process.hrtime.bigint() - u);
      }
      return [acq / n, set / n];
    };
    run(size >= 1e5 ? 4e5 : 5e4);
    const rounds = Array.from({ length: 5 }, () => run(5e4));
    const med = (i) => rounds.map((r) => r[i]).sort((a, b) => a - b)[2];
    out.push(`${size}: ${med(0).toFixed(0)}+${med(1).toFixed(0)}`);
  }
  console.log(strategy.padEnd(18), out.join("   "));
}
