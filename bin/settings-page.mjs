// Writes the page of settings from the code that reads them; with --check, only says whether it is fresh. What a setting is for is
// its docstring, what it takes are its rules, and what it must have is what the reader complains of.
import { readFileSync, writeFileSync } from 'node:fs';
import { getMetadataStorage } from 'class-validator';
import ts from 'typescript';
import { BadSettings, readSettings, Settings } from '#environment/settings.js';
import { CarrierSettings } from '#environment/carrier-settings.js';
import { TrunkSettings } from '#environment/trunk-settings.js';

const SECTIONS = [
  { heading: 'Of every process', of: Settings, file: 'settings', named: (name) => name },
  { heading: 'Of the carrier', of: CarrierSettings, file: 'carrier-settings', named: (name) => name },
  {
    heading: 'Of one trunk of several',
    of: TrunkSettings,
    file: 'trunk-settings',
    named: (name) => `TRUNK_<NAME>_${name}`,
  },
];

const DATABASE_URL = 'postgres://127.0.0.1/ringfence';
/** Given wherever settings are read here: none is to be generated, and kept, for the sake of a page. */
const SECRETS = { ADMIN_PASSWORD: 'x', CARRIER_SECRET: 'x', ENCRYPTION_KEY: 'x'.repeat(43) };
const ENOUGH = { DATABASE_URL, ...SECRETS };

const [page, mode] = process.argv.slice(2);
const text = pageOf(SECTIONS.map((section) => ({ ...section, ...documentedClass(section) })));

if (mode !== '--check') writeFileSync(page, text);
else if (text !== readFileSync(page, 'utf8')) {
  process.stdout.write(`${page} is not what libs/environment says: npm run settings writes it.\n`);
  process.exitCode = 1;
}

function pageOf(sections) {
  const needed = needs();
  const tables = sections.flatMap(({ heading, doc, of, named, fields }) => [
    `## ${heading}`,
    '',
    ...(of === Settings ? [] : [linked(doc), '']),
    row(['setting', 'default', 'takes', '']),
    row(['---', '---', '---', '---']),
    ...fields.map(({ name, doc: meaning }) =>
      row([`\`${named(name)}\``, defaultOf(of, name, needed), takes(of, name), linked(meaning)]),
    ),
    '',
  ]);
  const head = [
    '<!-- Made of libs/environment by npm run settings. -->',
    '',
    '# Settings',
    '',
    linked(sections[0].doc),
    '',
  ];
  return [...head, ...tables].join('\n');
}

function row(cells) {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** A docstring with what it names of the docs as links from among them. */
function linked(doc) {
  return doc.replaceAll(
    /docs\/([\w-]+)\.md(#[\w-]+)?/g,
    (_, name, part = '') => `[${name}](${name}.md${part})`,
  );
}

/** What is required, and when, by the name of the setting: in the words of whoever reads settings. */
function needs() {
  const carriers = ruleOf(CarrierSettings, 'TELEPHONY_PROVIDER', 'isIn').constraints[0];
  const withEach = (variables, words) => {
    const found = new Map();
    for (const carrier of carriers) {
      for (const mistake of mistakesOf({ ...variables, TELEPHONY_PROVIDER: carrier })) {
        const name = words.exec(mistake)?.[1];
        if (name !== undefined) found.set(name, [...(found.get(name) ?? []), carrier]);
      }
    }
    return new Map(
      [...found].map(([name, some]) => [name, some.length === carriers.length ? '' : ` with ${codes(some)}`]),
    );
  };
  return {
    always: mistakesOf(SECRETS).map((mistake) => mistake.split(' ', 1)[0]),
    inProduction: withEach({ DATABASE_URL, NODE_ENV: 'production' }, /^(\w+) is required in production$/),
    sometimes: withEach(ENOUGH, /^(\w+) is required with /),
  };
}

function mistakesOf(variables) {
  try {
    readSettings(variables);
    return [];
  } catch (error) {
    if (error instanceof BadSettings) return error.mistakes;
    throw error;
  }
}

function defaultOf(of, name, { always, inProduction, sometimes }) {
  if (always.includes(name)) return 'required';
  if (inProduction.has(name)) return `generated; required in production${inProduction.get(name)}`;
  const value = of === TrunkSettings ? new TrunkSettings()[name] : readSettings(ENOUGH)[name];
  const usual = value === undefined || value.length === 0 ? [] : [codes([value])];
  const required = sometimes.has(name) ? [`required${sometimes.get(name)}`] : [];
  return [...usual, ...required].join('; ') || 'none';
}

/** What a setting takes, by the rules that stand on it; what one of them tells who has it wrong says most. */
function takes(of, name) {
  const told = rulesOf(of, name).map(({ message }) => /^[A-Z_]+ must be (.*)$/.exec(String(message))?.[1]);
  const constraintsOf = (rule) => ruleOf(of, name, rule)?.constraints ?? [];
  const [words] = constraintsOf('isIn');
  const [url] = constraintsOf('isUrl');
  if (told.some(Boolean)) return told.find(Boolean);
  if (words) return codes(words);
  if (url) return `an address: ${codes(url.protocols.map((protocol) => `${protocol}://`))}`;
  if (ruleOf(of, name, 'isBoolean')) return codes(['true', 'false']);
  const [min] = constraintsOf('min');
  const [max] = constraintsOf('max');
  if (min === undefined) return '';
  const range = max === undefined ? `at least ${min}` : `${min} to ${max}`;
  return `${ruleOf(of, name, 'isInt') ? 'a whole number' : 'a number'}, ${range}`;
}

function codes(words) {
  return words.map((word) => `\`${word}\``).join(', ');
}

function ruleOf(of, name, rule) {
  return rulesOf(of, name).find(({ name: known }) => known === rule);
}

function rulesOf(of, name) {
  const all = getMetadataStorage().getTargetValidationMetadatas(of, '', true, false);
  return all.filter(({ propertyName }) => propertyName === name);
}

/** A class of settings as its file has it: what it says of itself, and of each of its own settings, in their order. */
function documentedClass({ of, file }) {
  const path = `libs/environment/${file}.ts`;
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const found = source.statements.find((one) => ts.isClassDeclaration(one) && one.name?.text === of.name);
  const fields = found.members
    .filter((member) => ts.isPropertyDeclaration(member) && /^[A-Z][A-Z0-9_]*$/.test(member.name.getText()))
    .map((member) => ({ name: member.name.getText(), doc: docOf(member) }));
  return { doc: docOf(found), fields };
}

function docOf(node) {
  const doc = ts.getJSDocCommentsAndTags(node).map(({ comment }) => ts.getTextOfJSDocComment(comment))[0];
  if (!doc) throw new Error(`${node.name.getText()} says nothing of itself.`);
  return doc.replaceAll(/\s*\n\s*/g, ' ');
}
