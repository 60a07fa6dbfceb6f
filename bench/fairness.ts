import pg from 'pg';
import type { DataSource } from 'typeorm';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../apps/start/free-port.js';
import { COMMAND_LIMITS, database } from '#store/database.js';
import { House } from '../test/house.js';
import { withOwnStores, type OwnStores } from './own-stores.js';
import type { Report } from './report.js';
import { enqueue } from './rivals/queues.js';
import { obliterate, rivalPlace, startRival } from './rivals/start.js';
import type { Scenario } from './scenario.js';
import { TimingCarrier, type CarrierStart } from './timing-carrier-process.js';
import { campaignOf, loadWaiting, loadWaitingRival, type WaitingCampaign } from './waiting-work.js';

export const fairness: Scenario = {
  name: 'S6',
  word: 'fairness',
  does: 'ninety-nine small campaigns behind one of a million calls, for as many slots: how long the small ones wait, beside a queue',
  uses: ['postgres', 'redis', 'bullmq'],
  run: ({ quick, report }) => withOwnStores((stores) => measure(stores, quick, report)),
};

const SMALL_CAMPAIGNS = 99;

const SECRET = 'a secret of the carrier and the house';

/** A queue longer than this is not waited out: see `Waits.isForecast`. */
const MOST_WAITED_OUT = 20_000;

/** How long such a queue is watched. */
const WATCHED_MS = 60_000;

const PATIENCE_MS = 900_000;

/** Priorities of twice the weight each. */
const WEIGHTS = [
  { priority: 0, weight: 1 },
  { priority: 25, weight: 2 },
  { priority: 50, weight: 4 },
];

/** How far a share may be from its weight. */
const OFF_WEIGHT = 0.02;

interface Sizes {
  whale: number;
  ofSmall: number;
  slots: number;
  talkMs: readonly [number, number];
  /** Of which the index of fairness is formed. */
  windowMs: number;
  /** Starts of which the shares by weight are formed. */
  weighed: number;
  rounds: number;
}

const WHOLE: Sizes = {
  whale: 1_000_000,
  ofSmall: 100,
  slots: 100,
  talkMs: [500, 1_500],
  windowMs: 10_000,
  weighed: 7_000,
  rounds: 3,
};

const QUICK: Sizes = {
  whale: 3_000,
  ofSmall: 10,
  slots: 30,
  talkMs: [200, 600],
  windowMs: 5_000,
  weighed: 700,
  rounds: 1,
};

interface Waits {
  /** 95 of 100 calls of the small campaigns have started by then, after the word go. */
  p95Ms: number;
  startsPerSecond: number;
  /** Whether the queue was only watched for a while: a queue serves in order, so what its rate comes to is when it is whose turn. */
  isForecast: boolean;
  /** Whether a small call started before the last of the big campaign. */
  isMixed: boolean;
  mostAtOnce: number;
  isOnce: boolean;
  fairnessByWindow: number[];
  smallStarts: [number, number][];
}

async function measure(stores: OwnStores, quick: boolean, report: Report): Promise<void> {
  const sizes = quick ? QUICK : WHOLE;
  const carrier = await TimingCarrier.start(SECRET, sizes.talkMs);
  const source = await database(stores.databaseUrl, COMMAND_LIMITS).initialize();
  report.setting('calls of the big campaign', sizes.whale);
  report.setting('calls of each small one', sizes.ofSmall);
  report.setting('slots', sizes.slots);
  report.setting('length of a call', `${sizes.talkMs.join(' to ')} ms`);
  try {
    const bench = await Bench.open(stores, source, carrier, sizes);
    try {
      const ours: Waits[] = [];
      const alone: Waits[] = [];
      const rival: Waits[] = [];
      for (let round = 1; round <= sizes.rounds; round += 1) {
        report.doing(`round ${round} of ${sizes.rounds}: Ringfence`);
        ours.push(await bench.ours(sizes.whale));
        report.doing('without the big campaign');
        alone.push(await bench.ours(0));
        report.doing('one queue');
        rival.push(await bench.rival());
      }
      tellWaits(ours, alone, rival, sizes, report);
      report.doing('by weight');
      tellWeights(await bench.byWeight(), report);
    } finally {
      await bench.close();
    }
  } finally {
    await source.destroy();
    carrier.stop();
  }
}

function tellWaits(ours: Waits[], alone: Waits[], rival: Waits[], sizes: Sizes, report: Report): void {
  const seconds = (waits: Waits[]) => waits.map(({ p95Ms }) => p95Ms / 1000);
  const rates = (waits: Waits[]) => waits.map(({ startsPerSecond }) => startsPerSecond);
  const forecast = rival.some(({ isForecast }) => isForecast) ? ', by its rate and its order' : '';
  report.figure('Ringfence, wait of the small campaigns (95 of 100)', seconds(ours), 's');
  report.figure('the same without the big campaign', seconds(alone), 's');
  report.figure(`one queue, wait of the small campaigns (95 of 100)${forecast}`, seconds(rival), 's');
  report.figure('Ringfence, starts per second', rates(ours), '/s');
  report.figure('one queue, starts per second', rates(rival), '/s');
  const times = ours.map(({ p95Ms }, nth) => rival[nth]!.p95Ms / p95Ms);
  report.ratio('wait of the small campaigns, one queue / Ringfence', times);
  report.ratio(
    'wait of the small campaigns, beside the big one / without it',
    ours.map(({ p95Ms }, nth) => p95Ms / alone[nth]!.p95Ms),
  );
  const windows = ours.flatMap(({ fairnessByWindow }) => fairnessByWindow);
  report.figure(`fairness (Jain) of each ${sizes.windowMs / 1000} s, all campaigns waiting`, windows, '');
  for (const [name, waits] of [['Ringfence', [...ours, ...alone]] as const, ['one queue', rival] as const]) {
    report.holds(
      `${name}: slots are never exceeded`,
      waits.every(({ mostAtOnce }) => mostAtOnce <= sizes.slots),
    );
    report.holds(
      `${name}: nobody is rung twice`,
      waits.every(({ isOnce }) => isOnce),
    );
  }
  report.holds(
    'one queue: it serves in order',
    rival.every(({ isMixed }) => !isMixed),
  );
  report.target('the small ones wait a hundredth of what they do in one queue', Math.min(...times) >= 100);
  report.target('fairness (Jain) of every window is 0.99 or more', Math.min(...windows) >= 0.99);
  report.series({
    title: 'Starts of the small campaigns since the word go',
    x: 'seconds',
    y: 'starts',
    lines: {
      Ringfence: ours[0]!.smallStarts,
      'without the big one': alone[0]!.smallStarts,
      'one queue': rival[0]!.smallStarts,
    },
  });
}

function tellWeights(counts: number[], report: Report): void {
  const unit = counts.reduce((sum, one) => sum + one, 0) / WEIGHTS.reduce((sum, one) => sum + one.weight, 0);
  const shares = counts.map((one) => one / unit);
  for (const [place, { weight }] of WEIGHTS.entries())
    report.figure(`share of a campaign of weight ${weight}`, shares[place]!, 'times the unit');
  const off = Math.max(...WEIGHTS.map(({ weight }, place) => Math.abs(shares[place]! / weight - 1)));
  report.figure('farthest from its weight', off * 100, '%');
  report.target('shares are within 2 % of the weights 1, 2 and 4', off <= OFF_WEIGHT);
}

class Bench {
  private constructor(
    private readonly stores: OwnStores,
    private readonly source: DataSource,
    private readonly client: pg.Client,
    private readonly carrier: TimingCarrier,
    private readonly house: House,
    private readonly sizes: Sizes,
  ) {}

  static async open(
    stores: OwnStores,
    source: DataSource,
    carrier: TimingCarrier,
    sizes: Sizes,
  ): Promise<Bench> {
    const { databaseUrl, redisUrl, prefix } = stores;
    const settings = {
      CARRIER_URL: carrier.url,
      CARRIER_SECRET: SECRET,
      TRUNK_CALLS_PER_SECOND: '1000',
      UNSAFE_RECONCILE_HORIZON_SECONDS: '600',
    };
    const house = await House.on({ databaseUrl, redisUrl, prefix }, { dialers: 1, settings });
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    return new Bench(stores, source, client, carrier, house, sizes);
  }

  async close(): Promise<void> {
    await this.house.close();
    await this.client.end();
  }

  /** @param whale how many calls the big campaign has; 0: there is none */
  async ours(whale: number): Promise<Waits> {
    const campaignIds = await loadWaiting(this.source, this.campaigns(whale), { slots: this.sizes.slots });
    const goAtMs = await this.go(campaignIds);
    await this.untilSmallStarted(goAtMs);
    await this.rest(campaignIds);
    return this.waits(goAtMs, whale);
  }

  async rival(): Promise<Waits> {
    const { whale, slots } = this.sizes;
    const place = rivalPlace(this.stores, this.client);
    const { callIds } = await loadWaitingRival(this.client, this.campaigns(whale));
    await enqueue('bullmq', place, callIds);
    // A job lasts as long as its call: as many at once as there are slots, and each is taken again at once.
    const variables = {
      AT_ONCE_INSTEAD: slots.toString(),
      CALLBACK_PORT: (await freePort()).toString(),
    };
    const dialer = await startRival('bullmq', this.stores, place, this.carrier.url, variables);
    try {
      await this.carrier.forget();
      const goAtMs = Date.now();
      dialer.go();
      const isForecast = callIds.length > MOST_WAITED_OUT;
      if (isForecast) await pause(WATCHED_MS);
      else await this.untilSmallStarted(goAtMs);
      const waits = await this.waits(goAtMs, 0);
      return isForecast ? this.forecast(waits) : waits;
    } finally {
      await dialer.stop();
      await obliterate(place);
    }
  }

  /** How many starts each of three campaigns got that differ in weight only, all of them waiting to the end. */
  async byWeight(): Promise<number[]> {
    const { weighed, slots } = this.sizes;
    const campaigns = WEIGHTS.map(({ priority }) => ({ calls: weighed, settings: { priority } }));
    const campaignIds = await loadWaiting(this.source, campaigns, { slots });
    await this.go(campaignIds);
    await this.carrier.untilCount(weighed, PATIENCE_MS);
    const starts = (await this.carrier.starts()).slice(0, weighed);
    await this.rest(campaignIds);
    return countByCampaign(starts, campaigns.length);
  }

  /** The big campaign first, as it was made first; where there is none, its place is kept. */
  private campaigns(whale: number): WaitingCampaign[] {
    return [
      { calls: whale },
      ...Array.from({ length: SMALL_CAMPAIGNS }, () => ({ calls: this.sizes.ofSmall })),
    ];
  }

  private async go(campaignIds: string[]): Promise<number> {
    await this.carrier.forget();
    const goAtMs = Date.now();
    await this.source.query(`UPDATE campaigns SET status = 'active' WHERE id = ANY ($1)`, [campaignIds]);
    return goAtMs;
  }

  /** Nothing of one run is to be under way in the next. */
  private async rest(campaignIds: string[]): Promise<void> {
    await this.source.query(`UPDATE campaigns SET status = 'paused' WHERE id = ANY ($1)`, [campaignIds]);
    await pause(500);
    await this.house.until('the calls under way end', async () =>
      (await this.carrier.starts()).every(({ endedAtMs }) => endedAtMs !== null),
    );
  }

  private async untilSmallStarted(goAtMs: number): Promise<void> {
    const wanted = SMALL_CAMPAIGNS * this.sizes.ofSmall;
    for (;;) {
      const started = (await this.carrier.starts()).filter(isSmall).length;
      if (started >= wanted) return;
      if (Date.now() - goAtMs > PATIENCE_MS) throw new Error(`${started} of ${wanted} small calls started.`);
      await pause(200);
    }
  }

  /** @param whale where there is none, nothing is to be fair to all along */
  private async waits(goAtMs: number, whale: number): Promise<Waits> {
    const starts = await this.carrier.starts();
    const small = starts.filter(isSmall);
    const lastMs = starts.at(-1)!.atMs - goAtMs;
    const ofWhale = starts.findLastIndex((start) => !isSmall(start));
    const firstSmall = starts.findIndex(isSmall);
    return {
      p95Ms: small.length === 0 ? Infinity : small[Math.ceil(small.length * 0.95) - 1]!.atMs - goAtMs,
      startsPerSecond: starts.length / (lastMs / 1000),
      isForecast: false,
      // As many as there are slots are under way at once, and overtake one another.
      isMixed: firstSmall >= 0 && ofWhale - firstSmall > this.sizes.slots,
      mostAtOnce: mostAtOnce(starts),
      isOnce: new Set(starts.map(({ to }) => to)).size === starts.length,
      fairnessByWindow: whale === 0 ? [] : this.fairnessByWindow(starts, goAtMs),
      smallStarts: small.map(({ atMs }, nth) => [(atMs - goAtMs) / 1000, nth + 1]),
    };
  }

  private forecast(waits: Waits): Waits {
    const { whale, ofSmall } = this.sizes;
    const place = whale + 0.95 * SMALL_CAMPAIGNS * ofSmall;
    const smallStarts: [number, number][] = [
      [0, 0],
      [WATCHED_MS / 1000, waits.smallStarts.length],
    ];
    return { ...waits, p95Ms: (place / waits.startsPerSecond) * 1000, isForecast: true, smallStarts };
  }

  /** Of each window in which every campaign still had calls that waited. */
  private fairnessByWindow(starts: CarrierStart[], goAtMs: number): number[] {
    const lastOf = new Map(starts.filter(isSmall).map(({ to, atMs }) => [campaignOf(to), atMs]));
    const allWaitUntilMs = Math.min(...lastOf.values());
    const { windowMs } = this.sizes;
    const windows: number[] = [];
    for (let fromMs = goAtMs; fromMs + windowMs <= allWaitUntilMs; fromMs += windowMs) {
      const within = starts.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + windowMs);
      windows.push(jain(countByCampaign(within, 1 + SMALL_CAMPAIGNS)));
    }
    if (windows.length === 0) throw new Error('All campaigns waited together for less than one window.');
    return windows;
  }
}

function isSmall({ to }: CarrierStart): boolean {
  return campaignOf(to) > 0;
}

function countByCampaign(starts: CarrierStart[], campaigns: number): number[] {
  const counts = Array.from({ length: campaigns }, () => 0);
  for (const { to } of starts) counts[campaignOf(to)]! += 1;
  return counts;
}

/** Jain, Chiu and Hawe, 1984: 1 where all have as much, one divided by their number where one has everything. */
function jain(counts: number[]): number {
  const sum = counts.reduce((total, one) => total + one, 0);
  const ofSquares = counts.reduce((total, one) => total + one * one, 0);
  return (sum * sum) / (counts.length * ofSquares);
}

/** Most calls that were under way together. One that ends as another comes has ended. */
function mostAtOnce(starts: CarrierStart[]): number {
  const moves = starts.flatMap(({ atMs, endedAtMs }): [number, number][] =>
    endedAtMs === null
      ? [[atMs, 1]]
      : [
          [atMs, 1],
          [endedAtMs, -1],
        ],
  );
  let [most, now] = [0, 0];
  for (const [, move] of moves.sort(([a, up], [b, down]) => a - b || up - down)) {
    now += move;
    most = Math.max(most, now);
  }
  return most;
}
