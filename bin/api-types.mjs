// Makes TypeScript types for clients out of the description of the api; with --check, only says whether they are fresh.
import { readFileSync, writeFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const [description, types, mode] = process.argv.slice(2);
const text = `// Made of ${description} by npm run openapi.\n${astToString(await openapiTS(readFileSync(description, 'utf8')))}`;

if (mode !== '--check') writeFileSync(types, text);
else if (text !== readFileSync(types, 'utf8')) {
  process.stdout.write(`${types} is not what ${description} says: npm run openapi writes it.\n`);
  process.exitCode = 1;
}
