/** One statement of a migration that the previous release's code may not stand. */
export interface Doubt {
  migration: string;
  statement: string;
  because: string;
}

/**
 * Why statements that are doubted are safe all the same, each by its migration and its first words. One that doubts nothing any
 * more is to go.
 */
export const ALLOWED: { migration: string; statement: string; because: string }[] = [
  {
    migration: 'PoliciesOfEverything1764003100000',
    statement: 'ALTER POLICY ringfence_',
    because: 'the same rows for the same roles, said in other words, one table at a time',
  },
  {
    migration: 'Metrics1764003400000',
    statement: 'DROP POLICY IF EXISTS ringfence_metrics',
    because: 'there is one only where the same migration was broken off',
  },
  {
    migration: 'Metrics1764003400000',
    statement: 'ALTER TABLE stat_totals NO FORCE ROW LEVEL SECURITY',
    because: 'for its owner alone, within the transaction that forces it again',
  },
  {
    migration: 'Metrics1764003400000',
    statement: 'ALTER TABLE stat_totals FORCE ROW LEVEL SECURITY',
    because: 'as it was before',
  },
  {
    migration: 'AuditChain1764003800000',
    statement: 'ALTER TABLE audit_log NO FORCE ROW LEVEL SECURITY',
    because: 'for its owner alone, within the transaction that forces it again',
  },
  {
    migration: 'AuditChain1764003800000',
    statement: 'ALTER TABLE audit_log FORCE ROW LEVEL SECURITY',
    because: 'as it was before',
  },
  {
    migration: 'ConsoleReading1764003700000',
    statement: 'DROP POLICY IF EXISTS ringfence_console',
    because: 'there is one only where the same migration was broken off',
  },
];

interface Rule {
  /** Words of a statement. */
  says: RegExp;
  because: string;
}

/** What no release does to what the one before it has. docs/upgrading.md says what to do instead. */
const RULES: Rule[] = [
  {
    says: /\bDROP (TABLE|COLUMN|VIEW|TYPE|FUNCTION|TRIGGER|POLICY|DEFAULT|SCHEMA)\b/,
    because: 'the previous release uses it',
  },
  {
    says: /\bDROP INDEX (?!CONCURRENTLY IF EXISTS)/,
    because: 'the previous release is fast by it, or relies on it for ON CONFLICT',
  },
  { says: /\bRENAME\b/, because: 'the previous release knows it by its old name' },
  {
    says: /\bALTER (COLUMN )?"?\w+"? (SET DATA )?TYPE\b/,
    because: 'the table is written anew, and the previous release sends the old type',
  },
  { says: /\bSET NOT NULL\b/, because: 'the previous release may leave it out, and the whole table is read' },
  {
    says: /\bADD COLUMN (?:(?!,\s*ADD\b)(?!\bDEFAULT\b).)*\bNOT NULL\b(?:(?!,\s*ADD\b)(?!\bDEFAULT\b).)*(,\s*ADD\b|$)/,
    because: 'the previous release inserts rows without it',
  },
  {
    says: /\bADD COLUMN (?:(?!,\s*ADD\b).)*\bDEFAULT (clock_timestamp|gen_random_uuid|random)\(/,
    because: 'the table is written anew',
  },
  {
    says: /\bADD (CONSTRAINT \S+ )?(CHECK|UNIQUE|PRIMARY KEY|FOREIGN KEY|EXCLUDE)\b(?!.*\bNOT VALID\b)/,
    because: 'the previous release may break it, and the whole table is read under a lock',
  },
  { says: /\bCREATE UNIQUE INDEX\b/, because: 'the previous release may write rows that break it' },
  { says: /\bCREATE INDEX (?!CONCURRENTLY)/, because: 'nobody writes to the table until it is built' },
  { says: /^(REVOKE|TRUNCATE|LOCK TABLE)\b/, because: 'the previous release is kept from the table' },
  { says: /\bDELETE FROM\b/, because: 'rows that the previous release made are gone' },
  {
    says: /\b(ALTER POLICY|ROW LEVEL SECURITY)\b/,
    because: 'the previous release may see other rows than before',
  },
];

/** Tables that a migration makes are nobody's yet: what is done to them is no matter. */
const MAKES = /^CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?/;

/** What `indexLargeTable` asks first: on a table without rows, as here, it may do what it otherwise does not. */
const ASKS_FOR_ROWS = /\bpg_relation_size\(\$1::regclass\) = 0/;

/** The table that a statement is about. */
const TABLE = /\b(?:ON(?: TABLE)?|TABLE(?: IF EXISTS)?(?: ONLY)?|UPDATE(?! O[RN]\b)|FROM|INTO) "?(\w+)"?/;

/** Statements that keep others from a table until the transaction is over. */
const LOCKS =
  /^(ALTER TABLE|(CREATE|ALTER|DROP) (POLICY|TRIGGER)|CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)|DROP INDEX (?!CONCURRENTLY)|LOCK TABLE)/;

/** The tables that one transaction keeps others from. */
class HeldTables {
  private readonly held = new Set<string>();
  private isOpen = false;

  /** @returns whether a table is waited for while another one is held */
  after(statement: string, table: string | undefined): boolean {
    if (/^(START TRANSACTION|BEGIN|COMMIT|ROLLBACK)/.test(statement)) {
      this.isOpen = /^(START|BEGIN)/.test(statement);
      this.held.clear();
    }
    if (!this.isOpen || table === undefined || !LOCKS.test(statement)) return false;
    this.held.add(table);
    return this.held.size > 1;
  }
}

/** What the statements of new migrations do that the previous release may not stand. */
export function doubtsAbout(migrations: ReadonlyMap<string, readonly string[]>): Doubt[] {
  const made = new Set<string>();
  const doubts: Doubt[] = [];
  for (const [migration, statements] of migrations) {
    const held = new HeldTables();
    for (const [place, text] of statements.entries()) {
      const statement = text.replaceAll(/\s+/g, ' ').trim();
      if (statement.startsWith('CREATE INDEX') && ASKS_FOR_ROWS.test(statements[place - 1] ?? '')) continue;
      const makes = MAKES.exec(statement)?.[1];
      if (makes !== undefined) made.add(makes);
      const table = TABLE.exec(statement)?.[1];
      if (table !== undefined && made.has(table)) continue;
      if (held.after(statement, table))
        doubts.push({
          migration,
          statement,
          because: 'it holds another table, which somebody may wait for who holds this one',
        });
      // Bodies of functions are judged by whoever runs the previous release on them.
      const words = statement.replaceAll(/\$(\w*)\$.*?\$\1\$/g, '$$');
      for (const { says, because } of RULES)
        if (says.test(words)) doubts.push({ migration, statement, because });
    }
  }
  return doubts;
}

/** Those that nobody has said anything about, and what was said about nothing. */
export function unanswered(doubts: readonly Doubt[]): { doubts: Doubt[]; idle: string[] } {
  const answers = (allowed: (typeof ALLOWED)[number], doubt: Doubt) =>
    allowed.migration === doubt.migration && doubt.statement.startsWith(allowed.statement);
  return {
    doubts: doubts.filter((doubt) => !ALLOWED.some((allowed) => answers(allowed, doubt))),
    idle: ALLOWED.filter((allowed) => !doubts.some((doubt) => answers(allowed, doubt))).map(
      ({ migration, statement }) => `${migration}: ${statement}`,
    ),
  };
}
